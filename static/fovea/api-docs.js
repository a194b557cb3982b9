// Swagger UI over this server's schema. "Try it out" goes by the reader's own session.
"use strict";

const page = document.getElementById("swagger-ui");

SwaggerUIBundle({
  domNode: page,
  url: page.dataset.schema,
  deepLinking: true,
  // The areas first: there are many addresses.
  docExpansion: "none",
  filter: true,
  defaultModelsExpandDepth: -1,
  // Would send the schema to a server of Swagger's.
  validatorUrl: null,
});
