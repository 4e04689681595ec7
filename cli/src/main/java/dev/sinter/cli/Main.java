package dev.sinter.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command `sinter`.
@Command(
    name = "sinter",
    description = "Compiles deep-learning models to ordinary JARs, trains and runs them.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = CommandLine.ScopeType.INHERIT)
public final class Main {
  private Main() {}

  /// Runs one command and exits with its code: 0 ok, 1 the user's fault, 2 usage, 3 the machine, 70
  /// a bug in the compiler.
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /// The commands, ready to execute; tests use it to run one without ending the JVM.
  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }
}
