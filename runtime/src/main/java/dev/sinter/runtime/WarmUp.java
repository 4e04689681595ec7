package dev.sinter.runtime;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Lets the JIT compile the tiles of a loaded model while its first calls are on their way.
final class WarmUp {
  private static final System.Logger LOG = System.getLogger(WarmUp.class.getName());

  /// What all models write on: nothing reads it. Freeing it would stop kernels that run then.
  private static final MemorySegment SCRATCH = Arena.global().allocate(Program.SCRATCH, Long.BYTES);

  private WarmUp() {}

  /// Starts the warming of a program, and returns at once. It ends by itself, soon, and holds back
  /// no JVM that wants to exit.
  static void start(Program program) {
    Thread.ofPlatform().daemon().name("sinter-warm-up").start(() -> warm(program));
  }

  private static void warm(Program program) {
    try {
      program.warm(SCRATCH);
    } catch (LinkageError | RuntimeException e) {
      // The model may be closed by now, and its JAR with it.
      LOG.log(Level.DEBUG, "%s was not warmed".formatted(program.getClass().getName()), e);
    }
  }
}
