/// The checks, as test results that a continuous integration shows: a failing layer is a failing test.
///
/// The format is what Apache Ant's `junitreport` writes and most servers read, as the schema `junit-10.xsd` of Jenkins'
/// xUnit plugin states it: `testsuites`, `testsuite`, `testcase`, `failure`, `skipped`.
package struct JUnitReport: Sendable {
  /// One test.
  package struct Case: Sendable {
    /// The result of a test.
    package enum Outcome: Sendable {
      case passed
      /// A line that says why, and the whole of it.
      case failed(message: String, detail: String)
      /// Nothing is claimed, and why.
      case skipped(message: String)
    }

    package let suite: String
    let name: String
    let outcome: Outcome
    let seconds: Double

    /// Makes a test of a suite; 0 seconds where nobody measured it alone.
    package init(suite: String, name: String, outcome: Outcome, seconds: Double = 0) {
      self.suite = suite
      self.name = name
      self.outcome = outcome
      self.seconds = seconds
    }
  }

  private let cases: [Case]
  private let seconds: Double

  /// Makes the report of `cases`, which took so many seconds together.
  package init(_ cases: [Case], seconds: Double) {
    self.cases = cases
    self.seconds = seconds
  }

  /// The bytes of the file, as text.
  package var text: String {
    var suites: [String] = []
    for name in cases.map(\.suite) where suites.last != name && !suites.contains(name) { suites.append(name) }
    let body = suites.map { suite in element(suite, cases.filter { $0.suite == suite }) }
    let all: Markup = .element(
      "testsuites",
      [
        "name": "plumb", "tests": "\(cases.count)", "failures": "\(failures(of: cases))", "errors": "0",
        "time": Drawing.number(seconds),
      ], body)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + all.text + "\n"
  }

  private func element(_ suite: String, _ cases: [Case]) -> Markup {
    .tag(
      "testsuite",
      [
        "name": suite, "tests": "\(cases.count)", "failures": "\(failures(of: cases))", "errors": "0",
        "skipped": "\(skipped(of: cases))", "time": Drawing.number(cases.reduce(0) { $0 + $1.seconds }),
      ], cases.map(element))
  }

  private func element(_ test: Case) -> Markup {
    let attributes: KeyValuePairs = [
      "classname": test.suite, "name": test.name, "time": Drawing.number(test.seconds),
    ]
    switch test.outcome {
    case .passed: return .element("testcase", attributes, [])
    case .failed(let message, let detail):
      return .element(
        "testcase", attributes, [.tag("failure", ["message": message, "type": "outside"], [.text(detail)])])
    case .skipped(let message): return .element("testcase", attributes, [.tag("skipped", ["message": message])])
    }
  }

  private func failures(of cases: [Case]) -> Int {
    cases.count { if case .failed = $0.outcome { true } else { false } }
  }

  private func skipped(of cases: [Case]) -> Int {
    cases.count { if case .skipped = $0.outcome { true } else { false } }
  }
}
