import ArgumentParser

/// `plumb measure`: what exact computing costs; for the recipe that measures it beside Arb.
struct MeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure", abstract: "Measures what exact computing costs.", shouldDisplay: false,
    subcommands: [Functions.self, Layer.self, Pass.self])

  /// `plumb measure functions`.
  struct Functions: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Times elementary functions: name, elements together, bits, nanoseconds an element.")

    func run() throws {
      for time in try CertificationCost.functions(precisions: [64, 128, 256, 512, 1024]) {
        StandardOutput.print("\(time.name)\t\(time.elements)\t\(time.bits)\t\(Int(time.nanoseconds.rounded()))")
      }
    }
  }

  /// `plumb measure layer`.
  struct Layer: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Certifies a linear layer of binary16 weights that are made on the fly.")

    @Option(help: "The elements of an input.") var inputs = 8192
    @Option(help: "The elements of an output.") var outputs = 28672
    @Option(help: "The rows of the input.") var tokens = 4
    @Option(help: "The bits of the input's balls.") var precision = 256

    func validate() throws { try MeasureCommand.check([inputs, outputs, tokens], precision) }

    func run() throws {
      let result = try CertificationCost.layer(inputs: inputs, outputs: outputs, tokens: tokens, precision: precision)
      StandardOutput.print(
        "\(result.seconds) s; \(result.agreeing) of \(result.checked) elements checked overlap another algorithm's")
    }
  }

  /// `plumb measure pass`.
  struct Pass: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Times the exact pass of a transformer that is made on the fly: seconds, bits lost.")

    @Option(help: "The hidden elements, a multiple of 64.") var width = 576
    @Option(help: "The number of blocks.") var depth = 4
    @Option(help: "The length of the prompt.") var tokens = 16
    @Option(help: "The bits of the pass.") var precision = 400

    func validate() throws {
      try MeasureCommand.check([width, depth, tokens], precision)
      if !width.isMultiple(of: 64) { throw ValidationError("'--width' must be a multiple of 64.") }
    }

    func run() throws {
      do {
        let result = try CertificationCost.pass(width: width, depth: depth, tokens: tokens, precision: precision)
        StandardOutput.print("\(result.seconds)\t\(result.lost)")
      } catch {
        throw BadInput(message: "the pass needs more than \(precision) bits")
      }
    }
  }

  /// Sizes that are positive and together of a size that a machine can have.
  private static func check(_ sizes: [Int], _ precision: Int) throws {
    guard sizes.allSatisfy({ 1...1 << 17 ~= $0 }), 16...1 << 14 ~= precision else {
      throw ValidationError("Sizes must be from 1 to \(1 << 17), '--precision' from 16 to \(1 << 14).")
    }
  }
}
