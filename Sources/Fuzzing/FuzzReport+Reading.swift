import Foundation

extension FuzzReport {
  /// The reports of a JSON list, as `plumb fuzz --json` prints it.
  ///
  /// - Throws: `JoinError` where it is none.
  package static func read(_ bytes: [UInt8]) throws(JoinError) -> [FuzzReport] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let reports: [FuzzReport]
    do {
      reports = try decoder.decode([FuzzReport].self, from: Data(bytes))
    } catch {
      throw JoinError(problem: "is not a report of 'plumb fuzz --json' (\(reason(of: error)))")
    }
    guard reports.allSatisfy({ $0.schema == 1 }) else {
      throw JoinError(problem: "is of another schema; make it again with this version of 'plumb fuzz'")
    }
    return reports
  }

  /// The problem, and the key under which it is.
  private static func reason(of error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
      return path.isEmpty ? "" : " at \(path)"
    }
    guard let error = error as? DecodingError else { return "no JSON" }
    return switch error {
    case .keyNotFound(let key, let context): "there is no '\(key.stringValue)'\(place(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): "a value of another kind\(place(context))"
    case .dataCorrupted(let context): context.codingPath.isEmpty ? "no JSON" : "a wrong value\(place(context))"
    @unknown default: "unknown"
    }
  }
}
