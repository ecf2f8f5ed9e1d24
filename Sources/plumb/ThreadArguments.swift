import ArgumentParser

/// The number of threads that the engine computes on.
struct ThreadArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("The number of threads; it changes no bit (default: one a processor).", valueName: "count"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024 ~= threads) { throw ValidationError("'--threads' must be from 1 to 1024.") }
  }
}
