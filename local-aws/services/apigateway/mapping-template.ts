/** Templates by media type, as integrations and their responses take them. */
import { z } from "zod";
import { mapOf } from "../input";

/** Clients write a media type without a template as null, which is an empty template. */
export const mappingTemplates = mapOf(
  z.string(),
  z
    .string()
    .nullable()
    .transform((template) => template ?? ""),
);
