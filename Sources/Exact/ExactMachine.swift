internal import CGMP

/// The base that the exact arithmetic has in this process.
package enum ExactMachine {
  /// The version of GMP that is loaded, as it names itself.
  package static var gmpVersion: String {
    // Sound: a constant string of the library.
    unsafe String(cString: __gmp_version)
  }

  /// The instructions that exact products are made of here: the fastest that this processor has.
  package static var products: ExactInstructionSet { ExactInstructionSet.available.last ?? .portable }
}
