package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.runtime.EntrySpec;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Npy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sinter run`: calls a model once.
@Command(name = "run", description = "Calls a model with inputs from npy files.")
final class RunCommand implements Callable<Integer> {
  @Mixin private Answer answer = new Answer();
  @Mixin private ModelFile model = new ModelFile();
  @Mixin private Compilation compilation = new Compilation();
  @Mixin private WeightOptions weights = new WeightOptions();
  @Mixin private Threads threads = new Threads();

  @Option(
      names = "--input",
      paramLabel = "NAME=FILE",
      converter = NamedFile.Converter.class,
      description = "An npy file for the input of that name.")
  private List<NamedFile> inputs = List.of();

  @Option(names = "--entry", description = "The function to call; by default the model's own.")
  private @Nullable String entry;

  @Option(
      names = "--output-dir",
      paramLabel = "FOLDER",
      description = "Where to write outputs.json and 0.npy, 1.npy, ...")
  private @Nullable Path folder;

  @Override
  public Integer call() throws IOException {
    CompileOptions options = weights.in(compilation.options(model.file(), answer));
    try (Model loaded = model.load(options, answer)) {
      EntrySpec called = entry(loaded.spec());
      Map<String, Tensor> arguments = arguments();
      try (Session session = loaded.session(threads.count())) {
        long start = System.nanoTime();
        Map<String, Tensor> results = session.run(called.name(), arguments);
        double seconds = (System.nanoTime() - start) * 1e-9;
        Outputs outputs =
            Outputs.of(loaded.spec().name(), called.name(), threads.count(), seconds, results);
        if (folder != null) {
          outputs = outputs.write(folder, results);
        }
        return answer.give(outputs, outputs.text());
      }
    }
  }

  private Map<String, Tensor> arguments() throws IOException {
    Map<String, Tensor> arguments = new LinkedHashMap<>();
    for (NamedFile input : inputs) {
      if (arguments.put(input.name(), Npy.read(input.file())) != null) {
        throw new UserFault("input " + input.name() + " is given twice");
      }
    }
    return arguments;
  }

  private EntrySpec entry(ModelSpec spec) {
    if (entry == null) {
      return spec.entries().getFirst();
    }
    return spec.entries().stream()
        .filter(e -> e.name().equals(entry))
        .findFirst()
        .orElseThrow(() ->
            new UserFault(
                "%s has no function %s; it has: %s"
                    .formatted(
                        spec.name(),
                        entry,
                        String.join(", ", spec.entries().stream().map(EntrySpec::name).toList()))));
  }
}
