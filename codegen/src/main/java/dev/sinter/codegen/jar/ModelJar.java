package dev.sinter.codegen.jar;

import dev.sinter.codegen.java.GeneratedNames;
import dev.sinter.codegen.java.SourceFile;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.WeightNames;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/// A compiled model before it is written: its sources, its classes and what describes it.
///
/// @param names what its classes are called
/// @param description the text of `model.json`
/// @param sources the generated sources
/// @param classes the compiled classes by binary name
/// @param ptx its kernels for a GPU, if they are wanted
public record ModelJar(
    GeneratedNames names,
    String description,
    List<SourceFile> sources,
    SortedMap<String, byte[]> classes,
    Optional<String> ptx) {
  /// The entry of the JAR that holds the kernels for a GPU.
  public static final String PTX = "META-INF/sinter/kernels.ptx";

  private static final String RUNTIME = "dev/sinter/runtime/";

  public ModelJar {
    sources = List.copyOf(sources);
  }

  /// Writes the JAR.
  ///
  /// @param weights the values of parameters and states by name
  /// @param inside whether the weights go into the JAR, or beside it as `name.safetensors`
  /// @param standalone whether the runtime's classes go inside
  /// @param size is told the bytes of the JAR before it takes its place, and may refuse it by
  ///   throwing
  public void write(
      Path jar, Map<String, Tensor> weights, boolean inside, boolean standalone, LongConsumer size)
      throws IOException {
    Map<String, String> manifest = new LinkedHashMap<>();
    manifest.put("Created-By", "Sinter");
    manifest.put("Implementation-Title", names.facadeName());
    manifest.put(Model.PROGRAM_ATTRIBUTE, names.programName());
    JarWriter writer = new JarWriter(manifest);
    writer.add("module-info.class", new ModuleDescriptor(names.packageName(), standalone).bytes());
    writer.add(ModelDescription.ENTRY, description);
    ptx.ifPresent(text -> writer.add(PTX, text));
    classes.forEach(writer::addClass);
    if (standalone) {
      runtimeClasses().forEach(writer::add);
    }
    Path values = inside ? Files.createTempFile("sinter-weights", ".safetensors") : beside(jar);
    try {
      Safetensors.write(values, weights, WeightNames.WRITTEN);
      if (inside) {
        writer.add(Model.WEIGHTS, values);
      }
      writer.write(jar, size);
    } finally {
      if (inside) {
        Files.deleteIfExists(values);
      }
    }
  }

  /// Writes the JAR of the sources.
  public void writeSources(Path jar, boolean standalone) throws IOException {
    JarWriter writer = new JarWriter(Map.of("Created-By", "Sinter"));
    sources.forEach(source -> writer.add(source.path(), source.text()));
    SourceFile module = new ModuleDescriptor(names.packageName(), standalone).source();
    writer.add(module.path(), module.text());
    writer.write(jar, bytes -> {});
  }

  /// `digits-sources.jar` for `digits.jar`.
  public static Path sourcesBeside(Path jar) {
    return jar.resolveSibling(stem(jar) + "-sources.jar");
  }

  private static Path beside(Path jar) {
    return jar.resolveSibling(stem(jar) + ".safetensors");
  }

  private static String stem(Path jar) {
    return String.valueOf(jar.getFileName()).replaceFirst("\\.jar$", "");
  }

  /// The class files of the runtime by entry name, from the folder or JAR that this JVM runs.
  private static SortedMap<String, byte[]> runtimeClasses() throws IOException {
    SortedMap<String, byte[]> found = new TreeMap<>();
    Path home = InMemoryCompiler.runtimeClasses();
    if (Files.isDirectory(home)) {
      try (Stream<Path> files = Files.walk(home.resolve(RUNTIME))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
          String name = home.relativize(file).toString().replace('\\', '/');
          found.put(name, Files.readAllBytes(file));
        }
      }
      return found;
    }
    try (JarFile jar = new JarFile(home.toFile())) {
      for (var entry : jar.stream().toList()) {
        if (entry.getName().startsWith(RUNTIME) && entry.getName().endsWith(".class")) {
          try (InputStream in = jar.getInputStream(entry)) {
            found.put(entry.getName(), in.readAllBytes());
          }
        }
      }
    }
    return found;
  }
}
