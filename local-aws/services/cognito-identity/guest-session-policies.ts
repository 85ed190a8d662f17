/**
 * What guests may do at most, whatever their role allows: Cognito passes these session policies in the enhanced flow.
 *
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html#access-policies
 */

/** The services of the inline policy; AWS publishes the list, not the document. */
const INLINE = [
  "appsync:*",
  "cloudwatch:*",
  "codewhisperer:*",
  "cognito-identity:*",
  "cognito-idp:*",
  "cognito-sync:*",
  "comprehend:*",
  "dynamodb:*",
  "execute-api:*",
  "firehose:*",
  "gamelift:*",
  "geo:*",
  "iot:*",
  "kinesisanalytics:*",
  "kms:Decrypt",
  "kms:Encrypt",
  "kms:GenerateDataKey*",
  "kms:ReEncrypt*",
  "lambda:*",
  "lex:*",
  "logs:*",
  "machinelearning:*",
  "mobileanalytics:*",
  "personalize:*",
  "polly:*",
  "rekognition:*",
  "s3:*",
  "sagemaker:InvokeEndpoint",
  "sdb:*",
  "ses:*",
  "sns:*",
  "sqs:*",
  "sumerian:View*",
  "textract:AnalyzeDocument",
  "textract:DetectDocumentText",
  "transcribe:*",
  "translate:*",
];

/** The actions of the managed policy that aren't in the inline one already; its narrower entries add nothing. */
const MANAGED = ["rum:PutRumEvents", "mobiletargeting:*"];

export const GUEST_SESSION_POLICIES: readonly string[] = [INLINE, MANAGED].map((actions) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] }),
);
