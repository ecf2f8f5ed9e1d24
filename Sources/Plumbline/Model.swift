import PlumbDrift
import PlumbFormats
import PlumbGrading
import PlumbReports
import PlumbVerdicts

/// A transformer in a file or folder, and its tokenizer.
public struct Model: Sendable {
  let loaded: LoadedModel

  /// The model in the GGUF file or Hugging Face folder at `path`.
  ///
  /// - Throws: `PlumblineError` that names the file, and the key or tensor in it.
  public init(contentsOf path: String) throws(PlumblineError) {
    loaded = try PlumblineError.translating { try LoadedModel.open(path: path) }
  }

  private init(_ loaded: LoadedModel) { self.loaded = loaded }

  /// The model that comes with the package.
  public static let shipped = Model(LoadedModel.shipped)

  /// The model's name.
  public var name: String { loaded.name }

  /// The tokens of `text`.
  ///
  /// - Throws: `PlumblineError` where the model has no tokenizer that can be read.
  public func tokens(of text: String) throws(PlumblineError) -> [Int] {
    try PlumblineError.translating { try loaded.tokenizer.encode(text) }
  }

  /// Holds another engine's dump of a pass over `tokens`, in the safetensors file at `path`, against the exact values.
  ///
  /// - Parameters:
  ///   - path: the safetensors file, whose names are this package's, Hugging Face's or llama.cpp's.
  ///   - tokens: the numbers of the tokens that the pass was fed.
  ///   - arithmetic: the arithmetic of the other engine; `nil` where it is not known, so that those that people use are assumed in turn.
  ///   - accumulated: whether the exact pass from the tokens says how far the whole went, too.
  /// - Throws: `PlumblineError` for a file that is no dump of the model.
  public func grade(
    dump path: String, tokens: [Int], arithmetic: Arithmetic? = nil, accumulated: Bool = true
  ) throws(PlumblineError) -> Grade {
    try PlumblineError.translating {
      let measurement = try GradeMeasurement.reading(
        path, of: loaded, tokens: loaded.checked(tokens), arithmetic: arithmetic?.description, names: nil
      ).1
      let (report, failure) = try measurement.report(isCumulative: accumulated)
      var explained = report
      if let failure { explained.firstCause = Diagnosis(failure).explanation() }
      return Grade(explained)
    }
  }
}

/// The grade of a dump: the verdict of each activation, and where what rounding cannot explain begins.
public struct Grade: Sendable, CustomStringConvertible {
  private let report: GradeReport

  init(_ report: GradeReport) { self.report = report }

  /// The gravest verdict.
  public var verdict: Verdict { Verdict(report.verdict) }

  /// The name of the first activation that rounding cannot explain, such as `blocks.3.query`; `nil` where there is none.
  public var firstCause: String? { report.firstCause?.name }

  /// The bugs that explain it, as sentences, the likeliest first.
  public var explanations: [String] { report.firstCause?.explanations.map(\.cause) ?? [] }

  /// The verdicts by activation.
  public var verdicts: [String: Verdict] {
    Dictionary(report.activations.map { ($0.drift.name, Verdict($0.drift.local.verdict)) }) { first, _ in first }
  }

  /// The table that `plumb grade` prints.
  public var description: String { GradeTable(report).text }
}
