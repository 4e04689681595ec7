package dev.sinter.codegen.jar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.codegen.java.SourceFile;
import dev.sinter.codegen.java.TinyModelJar;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelJarTest {
  private static final Map<String, Tensor> WEIGHTS =
      Map.of("body.w", Tensor.of(new float[] {2, 3}, 2));

  /// What a user writes: it knows the facade and the runtime only.
  private static final SourceFile CALLER =
      new SourceFile(
          "caller.Caller",
          """
          package caller;

          import dev.sinter.runtime.Tensor;
          import java.util.Arrays;
          import sinter.models.tinymodel.TinyModel;

          public class Caller {
            public static void main(String[] args) throws Exception {
              try (TinyModel model = TinyModel.load(1)) {
                TinyModel.Forward result = model.forward(Tensor.of(new float[] {1, 2}, 1, 2));
                System.out.println(Arrays.toString(result.y().toFloatArray()));
              }
            }
          }
          """);

  @TempDir static Path folder;
  private static Path jar;
  private static Path fat;
  private static Path runtime;
  private static Path caller;
  private static Path callerModule;

  @BeforeAll
  static void build() throws IOException {
    ModelJar model = TinyModelJar.build();
    jar = folder.resolve("tiny.jar");
    model.write(jar, WEIGHTS, true, false, bytes -> {});
    fat = folder.resolve("fat.jar");
    model.write(fat, WEIGHTS, true, true, bytes -> {});
    runtime = runtimeJar();
    List<SourceFile> sources = new ArrayList<>(model.sources());
    sources.add(CALLER);
    byte[] callerClass =
        Objects.requireNonNull(new InMemoryCompiler().compile(sources).get("caller.Caller"));
    caller = folder.resolve("caller.jar");
    JarWriter callerWriter = new JarWriter(Map.of());
    callerWriter.addClass("caller.Caller", callerClass);
    callerWriter.write(caller, bytes -> {});
    callerModule = folder.resolve("caller-module.jar");
    JarWriter moduleWriter = new JarWriter(Map.of("Automatic-Module-Name", "caller"));
    moduleWriter.addClass("caller.Caller", callerClass);
    moduleWriter.write(callerModule, bytes -> {});
  }

  /// The runtime as a JAR, whichever way the build has it.
  private static Path runtimeJar() throws IOException {
    Path home = InMemoryCompiler.runtimeClasses();
    if (Files.isRegularFile(home)) {
      return home;
    }
    JarWriter writer = new JarWriter(Map.of());
    try (var files = Files.walk(home)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        writer.add(home.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    Path packed = folder.resolve("runtime.jar");
    writer.write(packed, bytes -> {});
    return packed;
  }

  private static String run(String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String path(Path... parts) {
    return String.join(
        System.getProperty("path.separator"), List.of(parts).stream().map(Path::toString).toList());
  }

  @Test
  void onTheModulePathItNeedsNoFlag() throws IOException {
    assertThat(
            run(
                "-p",
                path(callerModule, jar, runtime),
                "--add-modules",
                "ALL-MODULE-PATH",
                "-m",
                "caller/caller.Caller"))
        .contains("[2.0, 6.0]")
        .doesNotContain("plain Java", "KernelTier");
  }

  @Test
  void onTheClassPathItSaysWhichFlagHelps() throws IOException {
    assertThat(run("-cp", path(caller, jar, runtime), "caller.Caller"))
        .containsOnlyOnce(
            "plain Java, several times faster with --add-modules jdk.incubator.vector")
        .contains("[2.0, 6.0]");
  }

  @Test
  void onTheClassPathWithTheFlagItUsesVectors() throws IOException {
    assertThat(
            run(
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                path(caller, jar, runtime),
                "caller.Caller"))
        .contains("[2.0, 6.0]")
        .doesNotContain("plain Java", "KernelTier");
  }

  @Test
  void aFatJarNeedsNoRuntimeBesideIt() throws IOException {
    assertThat(run("-cp", path(caller, fat), "caller.Caller")).contains("[2.0, 6.0]");
    assertThat(
            run(
                "-p",
                path(callerModule, fat),
                "--add-modules",
                "ALL-MODULE-PATH",
                "-m",
                "caller/caller.Caller"))
        .contains("[2.0, 6.0]")
        .doesNotContain("plain Java", "KernelTier");
  }

  @Test
  void theRuntimeLoadsItByItsManifest() throws IOException {
    try (Model model = Model.load(jar);
        Session session = model.session(1)) {
      Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2));
      assertThat(floats(session.run("forward", inputs), "y")).containsExactly(2, 6);
    }
  }

  @Test
  void weightsMayLieBeside() throws IOException {
    Path lean = folder.resolve("lean.jar");
    TinyModelJar.build().write(lean, WEIGHTS, false, false, bytes -> {});
    assertThat(folder.resolve("lean.safetensors")).exists();
    try (Model model = Model.load(lean);
        Session session = model.session(1)) {
      Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2));
      assertThat(floats(session.run("forward", inputs), "y")).containsExactly(2, 6);
    }
  }

  @Test
  void builtTwiceItHasTheSameBytes() throws IOException {
    Path again = folder.resolve("again.jar");
    TinyModelJar.build().write(again, WEIGHTS, true, false, bytes -> {});
    assertThat(again).hasSameBinaryContentAs(jar);
    Path sources = folder.resolve("one-sources.jar");
    TinyModelJar.build().writeSources(sources, false);
    Path sourcesAgain = folder.resolve("two-sources.jar");
    TinyModelJar.build().writeSources(sourcesAgain, false);
    assertThat(sourcesAgain).hasSameBinaryContentAs(sources);
  }

  @Test
  void itDescribesItself() throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      String json =
          new String(
              file.getInputStream(file.getEntry(ModelDescription.ENTRY)).readAllBytes(),
              StandardCharsets.UTF_8);
      assertThat(json)
          .startsWith("{\n  \"schema\": \"sinter-model-1\",\n  \"name\": \"tiny model\"")
          .contains("\"shape\": [\"N\", 2]");
      assertThat(file.getManifest().getMainAttributes().getValue(Model.PROGRAM_ATTRIBUTE))
          .isEqualTo("sinter.models.tinymodel.TinyModelProgram");
    }
  }

  private static float[] floats(Map<String, Tensor> results, String name) {
    return Objects.requireNonNull(results.get(name)).toFloatArray();
  }
}
