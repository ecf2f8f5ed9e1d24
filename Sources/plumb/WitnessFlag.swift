import ArgumentParser

/// The flag `--witness`: legal computations that show why nothing is claimed of an element.
enum WitnessFlag {
  /// Refuses the flag beside what it has nothing to say about.
  static func validate(_ isGiven: Bool, arithmetic: String?, json: Bool) throws {
    guard isGiven else { return }
    guard let arithmetic, arithmetic != "engine" else {
      throw ValidationError("'--witness' is of a kernel in an arithmetic: name it by '--arithmetic', such as f32.")
    }
    if json { throw ValidationError("'--witness' prints text: leave out '--json'.") }
  }
}
