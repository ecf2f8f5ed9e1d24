import PlumbFormats

/// A fault of a golden file, its place, and what to run.
public struct GoldenError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, as the caller named it.
  public let file: String
  /// The line, from 1; `nil` where the whole file is meant.
  public let line: Int?
  /// The fault.
  public let problem: String
  /// The step that the person who reads this can take.
  public let remedy: String

  init(_ file: String, line: Int? = nil, _ problem: String, _ remedy: String) {
    self.file = file
    self.line = line
    self.problem = problem
    self.remedy = remedy
  }

  /// One line: `file, line 12: what is wrong; what to do`.
  public var description: String {
    "\(file)\(line.map { ", line \($0)" } ?? ""): \(problem); \(remedy)".onOneLine
  }
}
