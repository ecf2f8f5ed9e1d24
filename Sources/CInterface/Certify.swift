import CPlumbline
import PlumbCertification
import PlumbFormats
import PlumbReports
import PlumbVerdicts

/// The exact next-token distribution; `plumbline.h` has the arguments.
@_cdecl("plumbline_certify")
public func certify(
  _ model: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?, _ progress: Listener.Function?,
  _ context: UnsafeMutableRawPointer?, _ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  unsafe answer(place) {
    let path = try unsafe text(model, "model")
    let options = try CertifyOptions(try unsafe members(options, "options"))
    let listener = unsafe Listener(progress, context)
    do {
      let model = try loadedModel(path)
      guard model.transformer.isDecoder else {
        throw BadArgument("\(path): is an encoder, which has no next token; name a decoder")
      }
      let tokens = try model.checked(try options.tokens ?? model.tokenizer.encode(options.prompt))
      let pass = CertifiedPass(model: model, tokens: tokens, digits: options.digits)
      let certificate = try pass.certificate(isCancelled: { listener.isStopped }, progress: { listener.hear($0) })
      let report = try CertificationReport(
        certificate, model: model, others: [], topK: options.topK, topP: options.topP)
      return try ReportJSON.text(of: CertificationAnswer(report: report, text: CertificationTable(report).text))
    } catch {
      if listener.isStopped { throw Stopped() }
      switch error {
      case is CertificationError, is PromptError, is TokenizerError: throw BadArgument("\(error)")
      default: throw error
      }
    }
  }
}

/// The JSON of a certification: the report, and what `plumb certify` prints of it.
private struct CertificationAnswer: Encodable {
  let report: CertificationReport
  let text: String

  private enum CodingKeys: CodingKey { case text }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(text, forKey: .text)
  }
}

/// The options of a certification, as a JSON object writes them; `plumbline.h` lists them.
private struct CertifyOptions {
  private(set) var tokens: [Int]?
  private(set) var prompt = ""
  private(set) var digits = 20
  private(set) var topK = 40
  private(set) var topP = 0.95

  /// The options that `members` name.
  ///
  /// - Throws: `BadArgument` that names the key.
  init(_ members: [String: JSONValue]) throws {
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      func refuse(_ expected: String) -> BadArgument {
        BadArgument("option '\(key)' is \(value.shown), expected \(expected)")
      }
      func whole(_ range: ClosedRange<Int>) throws -> Int {
        guard let number = value.integer, range ~= number else {
          throw refuse("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
      }
      switch key {
      case "tokens": tokens = try Self.tokens(value) ?? { throw refuse("an array of whole numbers") }()
      case "prompt": prompt = try value.text ?? { throw refuse("a text") }()
      case "digits": digits = try whole(1...CertifiedPass.greatestDigits)
      case "topK": topK = try whole(1...1 << 30)
      case "topP":
        guard case .number(let part) = value, part > 0, part <= 1 else { throw refuse("above 0 and at most 1") }
        topP = part
      default: throw BadArgument("there is no option '\(key)'; there are digits, prompt, tokens, topK, topP")
      }
    }
    guard (tokens == nil) != (members["prompt"] == nil) else {
      throw BadArgument("the options have neither or both of 'tokens' and 'prompt'; give one")
    }
  }

  private static func tokens(_ value: JSONValue) -> [Int]? {
    guard let numbers = value.elements?.map(\.integer), !numbers.contains(nil) else { return nil }
    return numbers.compactMap { $0 }
  }
}
