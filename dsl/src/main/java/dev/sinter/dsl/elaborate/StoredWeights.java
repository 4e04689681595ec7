package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.StringLiteral;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.WeightFile;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.Rename;
import dev.sinter.runtime.WeightNames;
import dev.sinter.runtime.files.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Members that begin with the weights of a file: `head = Linear[4 -> 2] from "head.safetensors"`.
final class StoredWeights {
  private final Elaboration all;

  StoredWeights(Elaboration all) {
    this.all = all;
  }

  /// Gives the weights and states of the member at `path` the first values that the file has; its
  /// names are those that the member would have on its own.
  void take(StringLiteral from, String path) {
    List<ModelGraph.Parameter> own = new ArrayList<>();
    for (ModelGraph.Parameter parameter : all.parameters().values()) {
      if (parameter.name().startsWith(path + ".")) {
        own.add(renamed(parameter, parameter.name().substring(path.length() + 1)));
      }
    }
    if (own.isEmpty()) {
      throw Faults.of(
          DiagnosticCode.WRONG_KIND, from.span(), "`" + path + "` has no weights to be read");
    }
    Path file = file(from);
    List<Rename> names = all.edits().contracts().within(path).renames();
    Diagnostics found = new Diagnostics();
    Set<String> given;
    try (Weights weights = Weights.open(file)) {
      given =
          new WeightFile(from.value(), from.span(), List.of())
              .match(weights, own, new WeightNames(names), found)
              .keySet();
    } catch (IOException e) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.FILE_NOT_READABLE, from.span(), "cannot read " + from.value())
              .note(String.valueOf(e.getMessage())));
    }
    found.list().forEach(all.diagnostics()::report);
    for (ModelGraph.Parameter parameter : own) {
      if (given.contains(parameter.name())) {
        String name = path + "." + parameter.name();
        all.parameters()
            .put(
                name,
                new ModelGraph.Parameter(
                    name,
                    parameter.type(),
                    new Initializer.Stored(file.toString(), parameter.name(), names),
                    parameter.kind()));
      }
    }
  }

  private static ModelGraph.Parameter renamed(ModelGraph.Parameter parameter, String name) {
    return new ModelGraph.Parameter(
        name, parameter.type(), parameter.initializer(), parameter.kind());
  }

  private Path file(StringLiteral from) {
    Span span = from.span();
    Path file = all.sources().loader().beside(span.source(), from.value()).orElse(null);
    if (file == null || !Files.exists(file)) {
      throw new Fault(
          Diagnostic.error(DiagnosticCode.FILE_NOT_FOUND, span, "there is no file " + from.value())
              .note("it is looked for beside the file that names it"));
    }
    return file;
  }
}
