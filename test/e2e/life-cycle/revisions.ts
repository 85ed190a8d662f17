/** What the varied stack is at its two revisions: every attribute that an update may change has two values. */

/** A revision, as it is declared to Terraform and as the account is expected to tell it. */
export interface Revision {
  readonly pool: {
    readonly guests: boolean;
    readonly classicFlow: boolean;
    /** App ids by login provider. */
    readonly loginProviders: Readonly<Record<string, string>>;
    /** The provider for which a role mapping exists, and what becomes of a user whom no rule fits. */
    readonly roleMapping: Readonly<Record<string, "AuthenticatedRole" | "Deny">>;
  };
  readonly role: {
    readonly description: string;
    /** In seconds. */
    readonly maxSessionDuration: number;
    /** Whether a permissions boundary limits it. */
    readonly bounded: boolean;
    /** Pattern of the identity ids that may assume the role. */
    readonly subjects: string;
    /** Actions of its inline policy. */
    readonly inlineActions: readonly string[];
    /** Actions of the managed policy attached to it. */
    readonly managedActions: readonly string[];
  };
  readonly function: {
    readonly handler: "first" | "second";
    readonly description: string;
    readonly runtime: string;
    readonly architecture: "arm64" | "x86_64";
    /** In MB. */
    readonly memorySize: number;
    /** In seconds. */
    readonly timeout: number;
    readonly environment: Readonly<Record<string, string>>;
    readonly tracing: "Active" | "PassThrough";
    /** Null: no concurrency is reserved. */
    readonly reservedConcurrency: number | null;
    readonly logRetentionDays: number;
  };
  readonly api: {
    readonly description: string;
    readonly binaryMediaTypes: readonly string[];
    /** In bytes; null: nothing is compressed. */
    readonly minimumCompressionSize: number | null;
    /** Whom the resource policy turns away, by route. */
    readonly deniedRoutes: readonly string[];
    /** Last part of the path that moves. */
    readonly movingPart: string;
    /** Body of the gateway's own 4xx answers. */
    readonly errorTemplate: string;
    /** Methods by path, with their authorization; preflights left out. */
    readonly routes: Readonly<Record<string, "AWS_IAM" | "NONE">>;
    /** In milliseconds. */
    readonly integrationTimeout: number;
    readonly allowedOrigin: string;
  };
  readonly stage: {
    readonly description: string;
    readonly variables: Readonly<Record<string, string>>;
    readonly tracing: boolean;
    /** Null: no access log. */
    readonly accessLogFormat: string | null;
    readonly loggingLevel: "OFF" | "INFO";
    readonly metrics: boolean;
    /** Requests per second. */
    readonly rateLimit: number;
    readonly burstLimit: number;
  };
  /** On every resource that has tags, beside those of the stage. */
  readonly tags: Readonly<Record<string, string>>;
}

const FIRST: Revision = {
  pool: { guests: false, classicFlow: false, loginProviders: {}, roleMapping: {} },
  role: {
    description: "",
    maxSessionDuration: 3600,
    bounded: false,
    subjects: "*",
    inlineActions: ["execute-api:Invoke"],
    managedActions: ["cognito-identity:DescribeIdentity"],
  },
  function: {
    handler: "first",
    description: "",
    runtime: "nodejs22.x",
    architecture: "arm64",
    memorySize: 256,
    timeout: 10,
    environment: {},
    tracing: "PassThrough",
    reservedConcurrency: null,
    logRetentionDays: 30,
  },
  api: {
    // The provider leaves a description alone that isn't given any more.
    description: "The first",
    binaryMediaTypes: [],
    minimumCompressionSize: null,
    deniedRoutes: ["GET/never"],
    movingPart: "here",
    errorTemplate: '{"message":$context.error.messageString}',
    routes: { "GET /item": "AWS_IAM", "GET /item/{id}": "AWS_IAM", "GET /here": "NONE" },
    integrationTimeout: 29_000,
    allowedOrigin: "https://first.example",
  },
  stage: {
    description: "",
    variables: {},
    tracing: false,
    accessLogFormat: null,
    loggingLevel: "OFF",
    metrics: false,
    rateLimit: 50,
    burstLimit: 100,
  },
  tags: { revision: "first", leaving: "yes" },
};

const SECOND: Revision = {
  pool: {
    guests: true,
    classicFlow: true,
    loginProviders: { "graph.facebook.com": "7346241598935552" },
    roleMapping: { "graph.facebook.com": "Deny" },
  },
  role: {
    description: "Signed-in identities",
    maxSessionDuration: 7200,
    bounded: true,
    subjects: "us-east-1:*",
    inlineActions: ["execute-api:Invoke", "execute-api:ManageConnections"],
    managedActions: ["cognito-identity:DescribeIdentity", "cognito-identity:ListIdentities"],
  },
  function: {
    handler: "second",
    description: "Answers with its settings",
    runtime: "nodejs20.x",
    architecture: "x86_64",
    memorySize: 512,
    timeout: 20,
    environment: { GREETING: "good morning" },
    tracing: "Active",
    reservedConcurrency: 5,
    logRetentionDays: 7,
  },
  api: {
    description: "Items",
    binaryMediaTypes: ["image/png", "application/octet-stream"],
    minimumCompressionSize: 1024,
    deniedRoutes: ["GET/item/secret"],
    movingPart: "there",
    errorTemplate: '{"message":$context.error.messageString,"stage":"$context.stage"}',
    routes: {
      "GET /item": "NONE",
      "GET /item/{id}": "AWS_IAM",
      "GET /there": "NONE",
      "POST /new": "AWS_IAM",
    },
    integrationTimeout: 5000,
    allowedOrigin: "https://second.example",
  },
  stage: {
    description: "With all it can have",
    variables: { colour: "green" },
    tracing: true,
    accessLogFormat: '{"requestId":"$context.requestId","status":"$context.status"}',
    loggingLevel: "INFO",
    metrics: true,
    rateLimit: 1,
    burstLimit: 3,
  },
  tags: { revision: "second", coming: "yes" },
};

export const REVISIONS: Readonly<Record<string, Revision>> = { first: FIRST, second: SECOND };
