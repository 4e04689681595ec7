package dev.sinter.benchmarks.gates;

import java.util.List;

/// What the JIT did with a method of a generated kernel class while a [JitRecording] ran.
///
/// @param name of its class and its own
/// @param samples how often a thread was seen in it, wherever it was inlined
/// @param samplesInC2 how often of these it ran as code of C2 that is still in use
/// @param code what a call of it runs in the end
/// @param compilations how often C2 compiled it
/// @param bailOuts what the compilers said that gave up on it
public record JitMethod(
    String name, int samples, int samplesInC2, Code code, int compilations, List<String> bailOuts) {
  public JitMethod {
    bailOuts = List.copyOf(bailOuts);
  }

  /// A method of which nothing was seen.
  static JitMethod unseen(String name) {
    return new JitMethod(name, 0, 0, Code.NONE, 0, List.of());
  }

  /// What runs a method.
  public enum Code {
    /// C2's code for the whole method.
    C2,
    /// C2's code for a loop of it, which calls enter that begin in slower code.
    C2_LOOP,
    /// C1's code.
    C1,
    /// Code of its own it has none: the interpreter, or that of the methods it is inlined into.
    NONE
  }
}
