/// Keeps every element within a limit: y = max(−limit, min(x, limit)).
///
/// Source: MosaicML NLP Team 2023, *Introducing MPT-7B*, and the documentation of `OlmoConfig` in huggingface/transformers
/// (`clip_qkv`, of queries, keys and values).
package struct ClampLayer: Sendable, Hashable {
  /// The greatest magnitude, a positive number.
  ///
  /// The real number that this binary32 is.
  package var limit: Float

  /// Makes the layer.
  package init(limit: Float) { self.limit = limit }
}
