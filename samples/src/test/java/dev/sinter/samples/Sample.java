package dev.sinter.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.testkit.Repository;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/// A sample whose model others trained, as its user has it: the model's file fetched, a JAR that is
/// compiled from it, and a program that asks the JAR.
///
/// @param data the folder with the model
/// @param jars where JARs are written
record Sample(Path data, Path jars) {
  /// The sample, with its model in `target`. Where it cannot be fetched, the test that asked is
  /// skipped and says so.
  static Sample fetched(String name, Path jars) throws IOException {
    Repository repository = Repository.current();
    Path data = repository.file("samples/target/models").resolve(name);
    Path script = repository.file("samples/fetch.sh");
    try {
      Ran fetch = Ran.of(List.of(script.toString(), name, data.toString()));
      Assumptions.assumeTrue(fetch.code == 0, () -> "skipped, because " + fetch.err.strip());
    } catch (IOException e) {
      Assumptions.abort("skipped, because no shell runs " + script + ": " + e.getMessage());
    }
    return new Sample(data, jars);
  }

  /// Compiles a model, with sizes for what it leaves open, to a JAR that holds the runtime.
  TrainedModel compile(String model, Map<String, Long> sizes) throws IOException {
    Path onnx = data.resolve(model + ".onnx");
    Path jar = jars.resolve(model + ".jar");
    CompileOptions options = CompileOptions.DEFAULT.withJar(false, true);
    CompiledModel compiled = new Compiler(options).compile(OnnxImporter.read(onnx, model, sizes));
    compiled.write(jar, compiled.weights(options), options);
    return new TrainedModel(model, onnx, jar);
  }

  /// What a program of the samples prints, in a JVM of its own, with JARs of models.
  static String program(String file, List<TrainedModel> models, Object... arguments)
      throws IOException {
    String classPath =
        models.stream()
            .map(model -> model.jar().toString())
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-Djava.awt.headless=true",
                "-cp",
                classPath,
                Repository.current().file("samples/" + file).toString()));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    Ran ran = Ran.of(command);
    assertThat(ran.code).as(ran.err).isZero();
    return ran.out;
  }

  /// A process that has ended.
  private record Ran(int code, String out, String err) {
    static Ran of(List<String> command) throws IOException {
      Path err = Files.createTempFile("sample", ".err");
      try {
        Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), out, Files.readString(err));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      } finally {
        Files.delete(err);
      }
    }
  }
}
