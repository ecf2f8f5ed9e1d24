import PlumbModel

/// The identity of a model's weights: SHA-256 of the tensor data.
///
/// The digest is over the bytes of every tensor as they are stored, without names, shapes or padding, in the order of
/// `Transformer.tensors`: the token embedding; block by block the attention norm, query, key, value and output, the
/// feed-forward norm, gate, up and down, each weight followed by its bias where it has one; the final norm; and the
/// unembedding where it is not tied to the embedding.
package enum Fingerprint {
  /// The fingerprint of `transformer`, as 64 lower-case hexadecimal digits.
  ///
  /// The bytes are read where they are mapped; nothing is copied.
  package static func of(_ transformer: Transformer) -> String {
    var digest = Digest()
    for tensor in transformer.tensors {
      // Sound: the buffer is used only while it is lent.
      unsafe tensor.withUnsafeBytes { unsafe digest.update($0) }
    }
    return digest.hexadecimal()
  }
}
