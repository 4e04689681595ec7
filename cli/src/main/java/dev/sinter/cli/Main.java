package dev.sinter.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The command `sinter`.
@Command(
    name = "sinter",
    description = "Compiles deep-learning models to ordinary JARs, trains and runs them.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = CommandLine.ScopeType.INHERIT,
    subcommands = {
      DemoCommand.class,
      CompileCommand.class,
      TuneCommand.class,
      ExportCommand.class,
      RunCommand.class,
      TrainCommand.class,
      ExplainCommand.class,
      FmtCommand.class,
      WeightsCommand.class,
      ImportCommand.class,
      ConformanceCommand.class,
    })
public final class Main {
  private Main() {}

  /// Runs one command and exits with its code: 0 ok, 1 the user's fault, 2 usage, 3 the machine, 70
  /// a bug in Sinter.
  public static void main(String[] arguments) {
    PrintStream stdout = System.out;
    // Whatever a library prints must not come between a program and the answer that it reads.
    System.setOut(System.err);
    PrintWriter out = new PrintWriter(stdout, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, arguments));
  }

  /// Runs one command and answers its exit code.
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine command = commandLine().setOut(out).setErr(err);
    Faults faults = new Faults(Terminal.takesColours());
    boolean json = Arrays.asList(arguments).contains(Answer.JSON);
    command.setParameterExceptionHandler(faults::usage);
    command.setExecutionExceptionHandler((fault, at, parsed) -> faults.report(fault, at, json));
    try {
      return command.execute(arguments);
    } catch (StackOverflowError | OutOfMemoryError | AssertionError | LinkageError fault) {
      return faults.report(fault, command, json);
    }
  }

  /// The commands, ready to execute.
  static CommandLine commandLine() {
    return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
  }
}
