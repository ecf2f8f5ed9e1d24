import PlumbEngine
import PlumbVerdicts

/// The findings of a walk through the inputs of one function; its coding keys are the documented JSON schema.
package struct ExhaustiveReport: Sendable, Codable {
  /// An input, what the engine gave, and how far that lies from the exact value.
  package struct Finding: Sendable, Codable {
    /// The input.
    package let input: Float
    /// The engine's result.
    package let output: Float
    /// The distance to the exact value in ulps, rounded up.
    package let ulps: Double

    var place: UInt32 { input.place }

    private enum CodingKeys: String, CodingKey { case input, output, ulps }

    init(input: Float, output: Float, ulps: Double) {
      self.input = input
      self.output = output
      self.ulps = ulps
    }

    /// Reads what `encode(to:)` writes.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      func number(_ key: CodingKeys) throws -> Float {
        let text = try container.decode(String.self, forKey: key)
        guard let number = Float(text) else {
          throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "'\(text)' is no number")
        }
        return number
      }
      self.init(
        input: try number(.input), output: try number(.output), ulps: try container.decode(Double.self, forKey: .ulps))
    }

    /// Writes input and output as hex floats.
    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(input.hexadecimal, forKey: .input)
      try container.encode(output.hexadecimal, forKey: .output)
      try container.encode(ulps, forKey: .ulps)
    }
  }

  /// The version of the schema.
  package var schema = 1
  /// The function.
  package let function: String
  /// The instruction set that was used.
  package let instructionSet: String
  /// The numbers that the run was asked to walk through, as `LOW...HIGH`; `nil` for all.
  package internal(set) var range: String?
  /// The parts of the run that this reports.
  package internal(set) var shards = [Shard.whole]
  /// False after an interruption.
  package internal(set) var isComplete = true
  /// The seconds that it took.
  package internal(set) var seconds = 0.0
  /// The inputs walked through.
  package internal(set) var inputs = 0
  /// The inputs whose result is the exact value, correctly rounded, or what is declared where there is no value.
  package internal(set) var correctlyRounded = 0
  /// The inputs that the exact reference had to decide.
  package internal(set) var decidedExactly = 0
  /// The result that may be farthest, among those that are not known to be correctly rounded; these are within half an ulp.
  package internal(set) var furthest: Finding?
  /// Neighbouring inputs whose results are in the other order than their exact values.
  package internal(set) var monotonicityViolations = 0
  /// The first of them, by its greater input.
  package internal(set) var firstViolation: String?
  /// Results, and orders of neighbours, that the greatest precision did not decide.
  package internal(set) var undecided = 0
  /// The input of the first of them.
  package internal(set) var firstUndecided: String?
  /// The results beyond the declared accuracy.
  package internal(set) var outside = 0
  /// The first of them in ascending order of inputs, at most 20.
  package internal(set) var failures: [Finding] = []
  /// Nothing walked through yet.
  init(_ function: Engine.ElementaryFunction, _ instructionSet: Engine.InstructionSet) {
    self.function = function.rawValue
    self.instructionSet = instructionSet.rawValue
  }

  private enum CodingKeys: String, CodingKey {
    case schema, function, instructionSet, range, shards, isComplete, seconds, inputs, correctlyRounded, decidedExactly,
      furthest
    case monotonicityViolations, firstViolation, undecided, firstUndecided, outside, failures
  }

  /// Whether every result is proved to be within the declared accuracy, and no two to be in the wrong order.
  package var isWithin: Bool { outside == 0 && monotonicityViolations == 0 && undecided == 0 }

  /// Adds a result that is not known to be correctly rounded.
  mutating func add(_ finding: Finding, isWithin: Bool) {
    if finding.ulps <= 0.5 { correctlyRounded += 1 }
    if furthest.map({ ($0.ulps, finding.place) < (finding.ulps, $0.place) }) ?? true { furthest = finding }
    if !isWithin {
      outside += 1
      keep([finding])
    }
  }

  private mutating func keep(_ findings: [Finding]) {
    failures = Array((failures + findings).sorted { $0.place < $1.place }.prefix(20))
  }

  /// The input that comes first in ascending order, of two hex floats.
  private static func first(_ a: String?, _ b: String?) -> String? {
    func place(_ text: String?) -> UInt32 { text.flatMap { Float($0) }?.place ?? .max }
    return place(b) < place(a) ? b : a ?? b
  }

  /// Adds a pair of neighbours in the wrong order.
  mutating func addViolation(at input: Float) {
    monotonicityViolations += 1
    firstViolation = Self.first(firstViolation, input.hexadecimal)
  }

  /// Adds a result, or an order of neighbours, that no precision decided.
  mutating func addUndecided(at input: Float) {
    undecided += 1
    firstUndecided = Self.first(firstUndecided, input.hexadecimal)
  }

  /// Joins what another part of the same walk found.
  mutating func join(_ other: ExhaustiveReport) {
    inputs += other.inputs
    correctlyRounded += other.correctlyRounded
    decidedExactly += other.decidedExactly
    if let theirs = other.furthest, furthest.map({ ($0.ulps, theirs.place) < (theirs.ulps, $0.place) }) ?? true {
      furthest = theirs
    }
    monotonicityViolations += other.monotonicityViolations
    firstViolation = Self.first(firstViolation, other.firstViolation)
    undecided += other.undecided
    firstUndecided = Self.first(firstUndecided, other.firstUndecided)
    outside += other.outside
    keep(other.failures)
    isComplete = isComplete && other.isComplete
  }
}

extension Float {
  /// The number's place in ascending order, −0 before +0: NaNs stand at both ends.
  package var place: UInt32 { sign == .minus ? ~bitPattern : bitPattern | 0x8000_0000 }

  /// The number at `place`.
  package init(place: UInt32) { self.init(bitPattern: place >= 0x8000_0000 ? place ^ 0x8000_0000 : ~place) }
}
