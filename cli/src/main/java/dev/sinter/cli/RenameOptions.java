package dev.sinter.cli;

import dev.sinter.runtime.Rename;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a model calls the tensors of a file.
final class RenameOptions {
  @Option(
      names = "--rename",
      paramLabel = "RULE",
      description =
          "What the model calls a tensor of the file: 'h.{i}.{p} -> blocks.{i}.{p}'; {i} is one"
              + " part of a name, {..p} any number; 'NAME ->' leaves it out; 'NAME -> NAME with"
              + " rearrange{i o -> o i}' turns it. The first rule that fits counts.")
  private List<String> given = List.of();

  @Option(
      names = "--rename-file",
      paramLabel = "FILE",
      description = "More such rules, one a line; lines that begin with # are comments.")
  private @Nullable Path file;

  /// The rules in their order.
  List<Rename> rules() throws IOException {
    List<Rename> rules = new ArrayList<>();
    for (String rule : given) {
      rules.add(rule(rule, "--rename"));
    }
    if (file != null) {
      List<String> lines;
      try {
        lines = Files.readAllLines(file);
      } catch (CharacterCodingException e) {
        throw new UserFault(file + " is no UTF-8 text");
      }
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (!line.isEmpty() && !line.startsWith("#")) {
          rules.add(rule(line, file + ":" + (i + 1)));
        }
      }
    }
    return rules;
  }

  private static Rename rule(String rule, String place) {
    try {
      return Rename.parse(rule);
    } catch (IllegalArgumentException e) {
      throw new UserFault(place + ": " + e.getMessage());
    }
  }
}
