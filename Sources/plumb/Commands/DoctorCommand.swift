import ArgumentParser
import PlumbEngine

/// `plumb doctor`: what this machine has, and what is fast on it.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Says what this machine has: processor, instructions, threads, GMP.",
    discussion: "Exit status: 0, or 2 where PLUMB_ISA names instructions that are not there.")

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func run() throws {
    do {
      let machine = try Machine()
      if json { try printJSON(machine) } else { machine.lines.forEach(StandardOutput.print) }
    } catch let error as Engine.InstructionSetError {
      throw BadInput(message: "\(Engine.InstructionSet.environmentVariable): \(error)")
    }
  }
}
