package dev.sinter.cli;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.DiagnosticRenderer;
import dev.sinter.runtime.DeviceException;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.files.FormatException;
import dev.sinter.training.DataException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// Says what went wrong, to people on stderr and to programs on stdout, and with which code to
/// exit. Only a bug of Sinter's has a stack trace, and that goes to a file.
///
/// @param colours whether stderr takes them
record Faults(boolean colours) {
  /// Reports a fault of the command line, with a hint to the command's help.
  int usage(ParameterException fault, String[] arguments) {
    CommandLine command = fault.getCommandLine();
    PrintWriter err = command.getErr();
    String message = sentence(fault);
    err.println("sinter: " + message);
    CommandLine.UnmatchedArgumentException.printSuggestions(fault, err);
    err.println("`" + command.getCommandSpec().qualifiedName() + " --help` says more.");
    err.flush();
    return end(
        command,
        Arrays.asList(arguments).contains(Answer.JSON),
        ExitCode.USAGE,
        message,
        List.of(),
        Optional.empty());
  }

  /// Reports what ended a command.
  int report(Throwable fault, CommandLine command, boolean json) {
    PrintWriter err = command.getErr();
    Throwable cause =
        fault instanceof UncheckedIOException io && io.getCause() != null ? io.getCause() : fault;
    if (cause instanceof DiagnosticException found) {
      err.print(new DiagnosticRenderer(colours).render(found.diagnostics()));
      err.flush();
      return end(
          command,
          json,
          ExitCode.USER,
          String.valueOf(found.getMessage()),
          found.diagnostics().stream().map(FaultDocument.Entry::of).toList(),
          Optional.empty());
    }
    ExitCode code = codeOf(cause);
    String message = code == ExitCode.BUG ? "a bug in Sinter: " + sentence(cause) : sentence(cause);
    Optional<Path> dump = code == ExitCode.BUG ? dump(cause) : Optional.empty();
    err.println("sinter: " + DiagnosticRenderer.visible(message));
    dump.ifPresent(
        file -> err.println("Please report it together with what lies in " + file + "."));
    err.flush();
    return end(command, json, code, message, List.of(), dump);
  }

  private static int end(
      CommandLine command,
      boolean json,
      ExitCode code,
      String message,
      List<FaultDocument.Entry> diagnostics,
      Optional<Path> dump) {
    if (json) {
      PrintWriter out = command.getOut();
      out.println(
          Json.text(
              new FaultDocument(
                  FaultDocument.SCHEMA, code.number(), message, diagnostics, dump.orElse(null))));
      out.flush();
    }
    return code.number();
  }

  private static ExitCode codeOf(Throwable fault) {
    return switch (fault) {
      case UserFault f -> ExitCode.USER;
      case ModelException f -> ExitCode.USER;
      case DataException f -> ExitCode.USER;
      case FormatException f -> ExitCode.USER;
      case ZipException f -> ExitCode.USER;
      case NoSuchFileException f -> ExitCode.USER;
      case NotDirectoryException f -> ExitCode.USER;
      case AccessDeniedException f -> ExitCode.USER;
      case IOException f -> ExitCode.MACHINE;
      case DeviceException f -> ExitCode.MACHINE;
      case OutOfMemoryError f -> ExitCode.MACHINE;
      default -> ExitCode.BUG;
    };
  }

  private static String sentence(Throwable fault) {
    String message = String.valueOf(fault.getMessage()).strip();
    return switch (fault) {
      case NoSuchFileException f -> "no such file: " + f.getFile();
      case NotDirectoryException f -> "not a folder: " + f.getFile();
      case AccessDeniedException f -> "not allowed to read or write " + f.getFile();
      case FileSystemException f -> message;
      case OutOfMemoryError f ->
          "out of memory (%d MiB of heap; JAVA_TOOL_OPTIONS=-Xmx... sets it): %s"
              .formatted(Runtime.getRuntime().maxMemory() >> 20, message);
      case UserFault f -> message;
      case ModelException f -> message;
      case DeviceException f -> message;
      case CompilerBug f -> message;
      case ParameterException f -> message;
      case IOException f when fault.getMessage() != null -> message;
      default ->
          fault.getClass().getSimpleName() + (fault.getMessage() == null ? "" : ": " + message);
    };
  }

  /// The stack trace in a file, unless not even that can be written.
  private static Optional<Path> dump(Throwable fault) {
    StringWriter trace = new StringWriter();
    fault.printStackTrace(new PrintWriter(trace));
    try {
      Path file = Files.createTempFile("sinter-bug-", ".txt");
      String more =
          fault instanceof CompilerBug bug
              ? bug.dump().map(d -> "%nThe stages lie in %s%n".formatted(d)).orElse("")
              : "";
      Files.writeString(
          file,
          "Java %s on %s %s%n%s%s"
              .formatted(
                  Runtime.version(),
                  System.getProperty("os.name"),
                  System.getProperty("os.arch").toLowerCase(Locale.ROOT),
                  trace,
                  more));
      return Optional.of(file);
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
