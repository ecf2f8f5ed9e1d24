/// The last step of a tokenizer, which makes tokens of a piece of text.
protocol PieceModel: Sendable {
  /// The tokens of `piece`.
  ///
  /// - Throws: `TokenizerError`, of which an offset counts from the piece's beginning.
  func tokens(of piece: ArraySlice<Unicode.Scalar>) throws(TokenizerError) -> [Int]
}
