import FuzzReaders

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// libFuzzer's own loop, which reads the command line.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The reader that `PLUMB_READER` names; the command line belongs to libFuzzer, which starts itself again with it.
private let reader: Reader = {
  // Sound: nobody changes the environment.
  guard let name = unsafe getenv("PLUMB_READER"), let reader = Reader(rawValue: unsafe String(cString: name)) else {
    fatalError("PLUMB_READER names none of \(Reader.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  return reader
}()

var count = CommandLine.argc
// Sound: the arguments live as long as the process, and libFuzzer lends each input for the length of the test.
var arguments = unsafe CommandLine.unsafeArgv
let status = unsafe runFuzzer(&count, &arguments) { start, count in
  do throws(BrokenPromise) {
    try reader.read(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
  } catch { fatalError("\(error)") }
  return 0
}
exit(status)
