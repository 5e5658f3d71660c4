/** See the client owner: completed there. */
export interface Hook {
  getMetadata(): { readonly name: string };
}
