/** The life of OpenID Connect providers, what tokens they are for, and their tags. */
import { z } from "zod";
import { dictionary } from "../../account/dictionary";
import type { OpenIdConnectProvider } from "../../account/state/iam";
import { listOf } from "../../protocols/query";
import { operation } from "../service";
import { ServiceError } from "../service-error";
import * as inputs from "./inputs";
import {
  clientIdsOf,
  issuerName,
  onProvider,
  providerArn,
  requireProvider,
  requireProviderArn,
  thumbprintsOf,
} from "./open-id-connect-provider";
import { listPage, paging } from "./page";
import { iamTagConditions, tagKeys, tagList, tags, withoutTags, withTags } from "./tags";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const PROVIDERS = 100;

const onlyProvider = z.object({ OpenIDConnectProviderArn: inputs.arn });
const thumbprints = listOf(inputs.thumbprint);

export const openIdConnectProviderOperations = {
  CreateOpenIDConnectProvider: operation({
    input: z.object({
      Url: inputs.providerUrl,
      ClientIDList: listOf(inputs.clientId).default([]),
      // AWS looks it up when it is left out; whoever verifies tokens here trusts certificates as Node does, and needs none.
      ThumbprintList: thumbprints.default([]),
      Tags: tags.default([]),
    }),
    permission({ account, input }) {
      const permission = {
        resource: providerArn(account, input.Url.replace(/^https:\/\//, "")),
        context: iamTagConditions({ passed: input.Tags }),
      };
      return input.Tags.length === 0
        ? permission
        : [permission, { ...permission, action: "iam:TagOpenIDConnectProvider" }];
    },
    run({ account, input }) {
      const { openIdConnectProviders } = account.state.iam;
      const url = issuerName(input.Url);
      const provider: OpenIdConnectProvider = {
        arn: providerArn(account, url),
        url,
        createdAt: account.now().getTime(),
        clientIds: clientIdsOf(input.ClientIDList),
        thumbprints: thumbprintsOf(input.ThumbprintList),
        tags: withTags(dictionary(), input.Tags),
      };
      if (openIdConnectProviders[provider.arn] !== undefined) {
        throw new ServiceError("EntityAlreadyExists", `Provider with url ${input.Url} already exists.`, 409);
      }
      if (Object.keys(openIdConnectProviders).length >= PROVIDERS) {
        throw new ServiceError(
          "LimitExceeded",
          `Cannot exceed quota for OpenIdConnectProvidersPerAccount: ${PROVIDERS}`,
          409,
        );
      }
      openIdConnectProviders[provider.arn] = provider;
      const Tags = input.Tags.length > 0 ? tagList(provider.tags) : undefined;
      return { OpenIDConnectProviderArn: provider.arn, Tags };
    },
  }),

  GetOpenIDConnectProvider: operation({
    readOnly: true,
    input: onlyProvider,
    permission: onProvider,
    run({ account, input }) {
      const provider = requireProvider(account, input.OpenIDConnectProviderArn);
      return {
        Url: provider.url,
        ClientIDList: provider.clientIds,
        ThumbprintList: provider.thumbprints,
        CreateDate: new Date(provider.createdAt),
        Tags: tagList(provider.tags),
      };
    },
  }),

  ListOpenIDConnectProviders: operation({
    readOnly: true,
    input: z.object({}),
    permission: () => ({ resource: "*" }),
    run: ({ account }) => ({
      OpenIDConnectProviderList: Object.keys(account.state.iam.openIdConnectProviders).map((Arn) => ({
        Arn,
      })),
    }),
  }),

  AddClientIDToOpenIDConnectProvider: operation({
    input: onlyProvider.extend({ ClientID: inputs.clientId }),
    permission: onProvider,
    run({ account, input }) {
      const provider = requireProvider(account, input.OpenIDConnectProviderArn);
      provider.clientIds = clientIdsOf([...provider.clientIds, input.ClientID]);
      return undefined;
    },
  }),

  RemoveClientIDFromOpenIDConnectProvider: operation({
    input: onlyProvider.extend({ ClientID: inputs.clientId }),
    permission: onProvider,
    run({ account, input }) {
      const provider = requireProvider(account, input.OpenIDConnectProviderArn);
      provider.clientIds = provider.clientIds.filter((one) => one !== input.ClientID);
      return undefined;
    },
  }),

  UpdateOpenIDConnectProviderThumbprint: operation({
    input: onlyProvider.extend({ ThumbprintList: thumbprints }),
    permission: onProvider,
    run({ account, input }) {
      const provider = requireProvider(account, input.OpenIDConnectProviderArn);
      provider.thumbprints = thumbprintsOf(input.ThumbprintList);
      return undefined;
    },
  }),

  DeleteOpenIDConnectProvider: operation({
    input: onlyProvider,
    permission: onProvider,
    run({ account, input }) {
      requireProviderArn(input.OpenIDConnectProviderArn);
      // One that isn't there is no error: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html
      delete account.state.iam.openIdConnectProviders[input.OpenIDConnectProviderArn];
      return undefined;
    },
  }),

  TagOpenIDConnectProvider: operation({
    input: onlyProvider.extend({ Tags: tags }),
    permission: (call) => onProvider(call, { passed: call.input.Tags }),
    run({ account, input }) {
      const provider = requireProvider(account, input.OpenIDConnectProviderArn);
      provider.tags = withTags(provider.tags, input.Tags);
      return undefined;
    },
  }),

  UntagOpenIDConnectProvider: operation({
    input: onlyProvider.extend({ TagKeys: tagKeys }),
    permission: (call) => onProvider(call, { removed: call.input.TagKeys }),
    run({ account, input }) {
      const provider = requireProvider(account, input.OpenIDConnectProviderArn);
      provider.tags = withoutTags(provider.tags, input.TagKeys);
      return undefined;
    },
  }),

  ListOpenIDConnectProviderTags: operation({
    readOnly: true,
    input: onlyProvider.extend(paging),
    permission: onProvider,
    run({ account, input }) {
      const { tags } = requireProvider(account, input.OpenIDConnectProviderArn);
      const { items, rest } = listPage(tagList(tags), input);
      return { Tags: items, ...rest };
    },
  }),
};
