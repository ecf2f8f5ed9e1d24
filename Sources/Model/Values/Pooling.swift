/// The rule by which an encoder's rows, one for each token, become one row for the whole text.
package enum Pooling: String, Sendable, CaseIterable, Codable {
  /// The mean of all rows.
  case mean
  /// The row of the first token.
  case first = "cls"
  /// The row of the last token.
  case last
  /// The greatest of each element.
  case max
}
