/** Whoever starts Terraform takes longest: begun last, it would leave the other cores idle. */
const { default: Sequencer } = require("@jest/test-sequencer");

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const whole = (test) => (/\/test\/whole\//.test(test.path) ? 0 : 1);
    return super.sort(tests).sort((one, other) => whole(one) - whole(other));
  }
};
