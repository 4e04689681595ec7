package dev.sinter.runtime;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import javax.management.JMException;
import javax.management.ObjectName;

/// Has the JVM compile register tiles with C2 alone.
///
/// C1 gives up on many of them, which hold more inlined vector operations than it has registers
/// for; a kernel that it compiled without a profile before then stays so for good, a hundred times
/// slower. And what C1 makes of vector operations is hardly faster than the interpreter. See
/// `docs/CPU.md`.
final class JitDirectives {
  private static final System.Logger LOG = System.getLogger(JitDirectives.class.getName());

  /// The methods that are tiles, as the JVM writes patterns.
  static final String TILES = Program.PACKAGE.replace('.', '/') + "/*." + Program.TILE + "*";

  private static final String DIRECTIVES =
      """
      [{ match: "%s", c1: { Exclude: true }, c2: { } }]
      """
          .formatted(TILES);

  /// What the JVM answers: it is asked once, by a thread of its own, since its management starts
  /// slowly.
  private static final CompletableFuture<Boolean> ANSWER =
      CompletableFuture.supplyAsync(
          JitDirectives::ask,
          task -> Thread.ofPlatform().daemon().name("sinter-directives").start(task));

  private JitDirectives() {}

  /// Has the JVM asked, if nothing has before: early is better.
  static void begin() {}

  /// Whether the JVM leaves tiles to C2. One without the module `java.management`, without C2, or
  /// another than HotSpot does not, and warms up more slowly.
  static CompletableFuture<Boolean> tilesLeftToC2() {
    return ANSWER;
  }

  private static boolean ask() {
    try {
      return Command.hasC2() && Command.add(DIRECTIVES);
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.log(Level.DEBUG, "kernels are compiled as any code is", e);
      return false;
    }
  }

  /// What needs `java.management`, apart from what is loaded without it.
  private static final class Command {
    private static final String STOP = "-XX:TieredStopAtLevel=";

    static boolean hasC2() {
      // The interpreter alone has no bean.
      return ManagementFactory.getCompilationMXBean() != null
          && ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
              .noneMatch(arg -> arg.startsWith(STOP) && !arg.equals(STOP + 4));
    }

    static boolean add(String directives) throws IOException {
      Path file = Files.createTempFile("sinter", ".json");
      try {
        Files.writeString(file, directives);
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "compilerDirectivesAdd",
                new Object[] {new String[] {"\"" + file + "\""}},
                new String[] {String[].class.getName()});
        return true;
      } catch (JMException e) {
        throw new IOException(e);
      } finally {
        Files.delete(file);
      }
    }
  }
}
