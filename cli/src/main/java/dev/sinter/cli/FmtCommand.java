package dev.sinter.cli;

import dev.sinter.dsl.CanonicalForm;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Diagnostics;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sinter fmt`: puts texts into the one form that Sinter texts have.
@Command(name = "fmt", description = "Puts models' texts into their canonical form, in place.")
final class FmtCommand implements Callable<Integer> {
  @Mixin private Answer answer = new Answer();

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Texts (.sinter).")
  private List<Path> files = List.of();

  @Option(
      names = "--check",
      description = "Change nothing; exit with 1 if a text is in another form.")
  private boolean check;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param files each file, and whether it was, or with `--check` is, in another form
  private record Report(String schema, List<Formatted> files) {}

  private record Formatted(Path file, boolean changed) {}

  @Override
  public Integer call() throws IOException {
    Map<Path, String> formatted = format();
    List<Formatted> results = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (Map.Entry<Path, String> file : formatted.entrySet()) {
      boolean changed = !Files.readString(file.getKey()).equals(file.getValue());
      results.add(new Formatted(file.getKey(), changed));
      if (changed) {
        text.append(file.getKey()).append('\n');
        if (!check) {
          WholeFile.write(file.getKey(), file.getValue());
        }
      }
    }
    answer.give(new Report("sinter.fmt/1", results), text.toString());
    boolean differs = results.stream().anyMatch(Formatted::changed);
    return (check && differs ? ExitCode.USER : ExitCode.OK).number();
  }

  /// The canonical texts; nothing is written if one of the files is no text of Sinter's.
  private Map<Path, String> format() throws IOException {
    Map<Path, String> formatted = new LinkedHashMap<>();
    Diagnostics diagnostics = new Diagnostics();
    for (Path file : files) {
      canonical(file, diagnostics).ifPresent(text -> formatted.put(file, text));
    }
    if (diagnostics.hasErrors()) {
      throw new DiagnosticException(diagnostics.list());
    }
    return formatted;
  }

  private static Optional<String> canonical(Path file, Diagnostics diagnostics) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserFault("no such file: " + file);
    }
    try {
      return CanonicalForm.of(file, diagnostics);
    } catch (CharacterCodingException e) {
      throw new UserFault(file + " is no UTF-8 text");
    }
  }
}
