import PlumbExact
import PlumbModel

extension Reference {
  /// One block of a transformer, `[tokens, hidden]` from `[tokens, hidden]`; row 0 stands at position 0.
  ///
  /// *Error bound*: encloses the true values.
  /// - Throws: `EnclosureError` where one of its layers does.
  package static func block(
    _ x: Activation<Ball>, _ block: Block, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    try result(of: Plan(block, hidden: x.columns), on: x, precision: precision)
  }
}
