/** Whom the trust policy for GitLab in docs/recipes.md lets in: one branch of one project, and nobody else. */
import { parsePolicy } from "../../iam-policy/document";
import { evaluateTrust } from "../../iam-policy/evaluate";
import { recipe } from "../support/recipes";

const SUBJECT = "project_path:my-group/shop:ref_type:branch:ref:main";

function admits(provider: string, sub: string, aud = "https://gitlab.com"): boolean {
  const name = "gitlab-trust.json";
  const { effect } = evaluateTrust(
    {
      principal: { type: "Federated", id: `arn:aws:iam::123456789012:oidc-provider/${provider}` },
      action: "sts:AssumeRoleWithWebIdentity",
      resource: "arn:aws:iam::123456789012:role/nightly",
      context: { [`${provider}:sub`]: sub, [`${provider}:aud`]: aud },
    },
    [{ kind: "resource-based", name, document: parsePolicy(recipe(name)) }],
  );
  return effect === "allow";
}

test("the named branch of the named project is let in", () => {
  expect(admits("gitlab.com", SUBJECT)).toBe(true);
});

test.each([
  ["another project", "gitlab.com", SUBJECT.replace("my-group/shop", "my-group/shop2"), undefined],
  [
    "another group's project of that name",
    "gitlab.com",
    SUBJECT.replace("my-group", "their-group"),
    undefined,
  ],
  ["another branch", "gitlab.com", SUBJECT.replace(/main$/, "main2"), undefined],
  ["a tag of that name", "gitlab.com", SUBJECT.replace(":branch:", ":tag:"), undefined],
  ["a token for another audience", "gitlab.com", SUBJECT, "https://vault.example"],
  ["another GitLab", "gitlab.example", SUBJECT, undefined],
])("%s is not", (_, provider, subject, audience) => {
  expect(admits(provider, subject, audience)).toBe(false);
});
