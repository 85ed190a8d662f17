// All of a stage in one stack, for Terraform to take as a module: what tells one stage from another is a variable, and the
// provider and the state are the caller's.
import { DataAwsRegion } from "@cdktf/provider-aws/lib/data-aws-region";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformElement, TerraformStack, TerraformVariable } from "cdktf";
import { Construct, type Node } from "constructs";
import { declareApi } from "./api-stack";
import { declareIdentity } from "./identity-stack";
import { type LoginSettings, MAX_JWKS, PRIVATE_MEMBERS, type SessionSource } from "./login-settings";
import { declareLogin } from "./login-stack";
import { FORMS, ORIGIN_FORM, OTHER_PARTITION, type Settings, UNPROTECTED_STAGES } from "./settings";

export interface TerraformModuleStackProps {
  /** What isn't a variable, and the variables' defaults. */
  readonly settings: Settings;
  /** Terraform's constraint on `hashicorp/aws`; the caller's own has to agree with it. */
  readonly providerVersion: string;
}

export class TerraformModuleStack extends TerraformStack {
  /** What is at an address, by its path. */
  private readonly addresses = new Map<string, string>();

  constructor(scope: Construct, id: string, { settings, providerVersion }: TerraformModuleStackProps) {
    super(scope, id);
    // cdktf demands one. A module has none, but for its constraint: whoever calls it hands it in.
    new AwsProvider(this, "aws");
    const provider = { source: "hashicorp/aws", version: providerVersion };
    this.addOverride("terraform.required_providers.aws", provider);
    this.addOverride("terraform.required_version", ">= 1.6");

    const login = settings.login && this.loginVariables(settings.login);
    const varying: Settings = { ...settings, ...this.variables(settings), login };
    const pool = declareIdentity(new Construct(this, "identity"), varying);
    const { authenticatedRole } = pool;
    declareApi(new Construct(this, "api"), { settings: varying, authenticatedRole });
    if (login !== undefined) {
      declareLogin(new Construct(this, "login"), { settings: varying, login, pool });
    }

    // Not validations of the variables: one looks at two of them, which Terraform can from 1.9, and one at none.
    this.addOverride("output.allowed_origin.precondition", {
      condition: `\${var.allowed_origin != "*" || contains(${JSON.stringify(UNPROTECTED_STAGES)}, var.stage)}`,
      error_message: `allowed_origin: give ${ORIGIN_FORM}.`,
    });
    this.addOverride("output.region.precondition", {
      condition: `\${!${matches(OTHER_PARTITION, "data.aws_region.current.id")}}`,
      error_message: "The provider's region must be one of the partition aws.",
    });
  }

  /** The path below the stack, in which a name that is its parent's too is said once: `identity_pool`, `login_api_stage`. */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const node = element instanceof TerraformElement ? element.node : element;
    const below = node.scopes.slice(this.node.scopes.length);
    const names = below.map(({ node: { id } }) => id.match(/\w+/g)?.join("_"));
    const address = names.filter((name, index) => name !== names[index - 1]).join("_");
    const path = this.addresses.get(address) ?? node.path;
    if (path !== node.path) {
      throw new Error(`${path} and ${node.path} have the same address ${address}: rename one of them.`);
    }
    this.addresses.set(address, path);
    return address;
  }

  private variables(settings: Settings): Partial<Settings> {
    const region = new DataAwsRegion(this, "region");
    region.overrideLogicalId("current");
    return {
      namePrefix: this.variable({
        name: "name_prefix",
        description: "First part of every name.",
        byDefault: settings.namePrefix,
        condition: matches(FORMS.namePrefix.pattern, "var.name_prefix"),
        form: FORMS.namePrefix.words,
      }),
      stage: this.variable({
        name: "stage",
        description: "Names the resources and the API's stage.",
        byDefault: settings.stage,
        condition: matches(FORMS.stage.pattern, "var.stage"),
        form: FORMS.stage.words,
      }),
      developerProviderName: this.variable({
        name: "developer_provider_name",
        description:
          "Key in Logins under which the backend signs its users in. Changing it replaces the pool, and every identity is lost.",
        byDefault: settings.developerProviderName,
        condition: matches(FORMS.developerProviderName.pattern, "var.developer_provider_name"),
        form: FORMS.developerProviderName.words,
      }),
      allowedOrigin: this.variable({
        name: "allowed_origin",
        description: "The one origin whose pages may call the API.",
        byDefault: settings.allowedOrigin,
        condition: `var.allowed_origin == "*" || (${[
          matches(/^https:\/\/[a-z0-9.-]+(:\d+)?$/, "var.allowed_origin"),
          matches(/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/, "var.allowed_origin"),
        ].join(" || ")}) && !${matches(/^(https:.*:443|http:.*:80)$/, "var.allowed_origin")}`,
        form: ORIGIN_FORM,
      }),
      region: region.id,
    };
  }

  private loginVariables({ sessions, issuer, audience, ...fixed }: LoginSettings): LoginSettings {
    return {
      ...fixed,
      sessions: this.sessionSource(sessions),
      issuer: this.claim("app_issuer", "iss", issuer),
      audience: this.claim("app_audience", "aud", audience),
    };
  }

  private sessionSource(sessions: SessionSource): SessionSource {
    if ("jwks" in sessions) {
      const keys = "jsondecode(var.app_jwks).keys";
      const noPrivateKey = `length(setintersection(keys(key), ${JSON.stringify(PRIVATE_MEMBERS)})) == 0`;
      const jwks = this.variable({
        name: "app_jwks",
        description: "Public keys of the application's sessions, as JSON.",
        byDefault: sessions.jwks,
        condition: `length(var.app_jwks) <= ${MAX_JWKS} && try(length(${keys}) > 0 && alltrue([for key in ${keys} : can(key.kid) && ${noPrivateKey}]), false)`,
        form: `a JSON Web Key Set of at most ${MAX_JWKS} bytes with public keys only, each with a kid`,
      });
      return { ...sessions, jwks };
    }
    if ("jwksUri" in sessions) {
      return {
        ...sessions,
        jwksUri: this.httpsUrl(
          "app_jwks_uri",
          "URL that serves the keys of the application's sessions.",
          sessions.jwksUri,
        ),
      };
    }
    const { introspectionUrl } = sessions;
    return {
      introspectionUrl: this.httpsUrl(
        "app_introspection_url",
        "URL that is asked what a session of the application is worth.",
        introspectionUrl,
      ),
    };
  }

  private httpsUrl(name: string, description: string, byDefault: string): string {
    return this.variable({
      name,
      description,
      byDefault,
      condition: matches(/^https:\/\/[^/?#@\s]+([/?][!-"$-~]{0,1000})?$/, `var.${name}`),
      form: "an https URL without a user, a password or a fragment",
    });
  }

  private claim(name: string, claim: string, byDefault: string | undefined): string | undefined {
    return byDefault === undefined
      ? undefined
      : this.variable({
          name,
          description: `The sessions' ${claim}.`,
          byDefault,
          condition: matches(/^[!-~]{1,256}$/, `var.${name}`),
          form: "1 to 256 printable ASCII characters without spaces",
        });
  }

  /** Declares a variable and returns the reference to it. */
  private variable({ name, description, byDefault, condition, form }: Variable): string {
    return new TerraformVariable(this, name, {
      type: "string",
      description,
      default: byDefault,
      nullable: false,
      validation: [{ condition: `\${${condition}}`, errorMessage: `${name}: give ${form}.` }],
    }).stringValue;
  }
}

interface Variable {
  readonly name: string;
  readonly description: string;
  readonly byDefault: string;
  /** An expression of Terraform's. */
  readonly condition: string;
  /** What fulfils it, in words. */
  readonly form: string;
}

/** Terraform's expression for whether a text has a form. */
function matches({ source }: RegExp, text: string): string {
  // JavaScript alone escapes a slash.
  return `can(regex(${JSON.stringify(source.replaceAll("\\/", "/"))}, ${text}))`;
}
