/** The name by which trust policies, tokens, condition keys and `Logins` know Cognito, the same in every commercial region. */
export const COGNITO_PROVIDER = "cognito-identity.amazonaws.com";
