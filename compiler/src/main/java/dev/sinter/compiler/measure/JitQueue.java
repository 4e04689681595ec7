package dev.sinter.compiler.measure;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/// What the JIT compiles and is about to compile, as the JVM tells by its diagnostic command
/// `Compiler.queue`.
public final class JitQueue {
  private static final String COMMANDS = "com.sun.management:type=DiagnosticCommand";

  private JitQueue() {}

  /// Whether a method of a package is among it. A JVM that does not tell is taken to have none.
  public static boolean holds(String packageName) {
    try {
      Object queue =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(new ObjectName(COMMANDS), "compilerQueue", new Object[] {}, new String[] {});
      return String.valueOf(queue).contains(packageName + ".");
    } catch (JMException e) {
      return false;
    }
  }
}
