import Foundation

/// The text of a report as JSON: the one form in which every command and every file of a report is written.
///
/// Keys are sorted, and a key whose value is nil is there with null, so that the keys do not depend on what was found.
package enum ReportJSON {
  /// The text of `report`, without a newline at its end.
  ///
  /// *Edge cases*: a number that is not finite becomes `"inf"`, `"-inf"` or `"nan"`, as JSON has none.
  /// - Throws: `EncodingError` where the report itself refuses.
  package static func text(of report: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(EveryKey(value: report)), as: UTF8.self)
  }
}
