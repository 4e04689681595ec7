package dev.sinter.runtime;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;

/// Has the JVM compile kernels with C2 alone.
///
/// C1 gives up on many kernels, which hold more inlined vector operations than it has registers
/// for; a kernel that it compiled without a profile before then stays so for good, a hundred times
/// slower. And what C1 makes of vector operations is hardly faster than the interpreter. See
/// `docs/CPU.md`.
final class JitDirectives {
  private static final System.Logger LOG = System.getLogger(JitDirectives.class.getName());

  private static final String DIRECTIVES =
      """
      [{ match: ["sinter/models/*.*"], c1: { Exclude: true }, c2: { } }]
      """;

  /// Whether the JVM has been asked, which is done once.
  private static final boolean ADDED = added();

  private JitDirectives() {}

  /// Whether the JVM does; one without the module `java.management`, or another than HotSpot, has
  /// no such command and warms up more slowly.
  static boolean add() {
    return ADDED;
  }

  private static boolean added() {
    try {
      Path file = Files.createTempFile("sinter", ".json");
      try {
        Files.writeString(file, DIRECTIVES);
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "compilerDirectivesAdd",
                new Object[] {new String[] {file.toString()}},
                new String[] {String[].class.getName()});
      } finally {
        Files.delete(file);
      }
      return true;
    } catch (IOException | JMException | LinkageError e) {
      LOG.log(Level.DEBUG, "kernels are compiled as any code is", e);
      return false;
    }
  }
}
