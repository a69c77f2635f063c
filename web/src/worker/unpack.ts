/** Unpacks what the build packed into the page: base64 of gzip. */

/** Return the unpacked bytes of a text. */
export async function unpack(packed: string): Promise<Uint8Array<ArrayBuffer>> {
  const binary = atob(packed.trim());
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
