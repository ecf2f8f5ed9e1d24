import ArgumentParser

@main
struct Plumb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "plumb", abstract: "A transformer computed exactly.")
}
