package dev.sinter.codegen.java;

import com.palantir.javapoet.ClassName;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The names of what is generated for a model.
///
/// @param packageName the package, which is the module's name too
/// @param model the simple name of the facade, with which all class names begin
/// @param entries for each entry a word that begins with a capital
/// @param kernels for each kernel the name of its method
public record GeneratedNames(
    String packageName, String model, List<String> entries, List<String> kernels) {
  public GeneratedNames {
    entries = List.copyOf(entries);
    kernels = List.copyOf(kernels);
  }

  /// The names for `set`: `char-lm` becomes the class `sinter.models.charlm.CharLm`.
  public static GeneratedNames of(ProgramSet set) {
    String model = new JavaNames().type(set.model().name());
    JavaNames entryNames = new JavaNames(List.of(model));
    List<String> entries = new ArrayList<>();
    set.entries().forEach(entry -> entries.add(entryNames.type(entry.name())));
    JavaNames kernelNames = new JavaNames(List.of("lanes"));
    List<String> kernels = new ArrayList<>();
    set.kernels().forEach(kernel -> kernels.add(kernelNames.member(kernel.tile().name())));
    String leaf = model.toLowerCase(Locale.ROOT);
    boolean keyword = javax.lang.model.SourceVersion.isKeyword(leaf);
    String packageName = Program.PACKAGE + "." + leaf + (keyword ? "_" : "");
    return new GeneratedNames(packageName, model, entries, kernels);
  }

  /// The binary name of the typed facade.
  public String facadeName() {
    return facade().canonicalName();
  }

  /// The binary name of the program class, which the runtime calls.
  public String programName() {
    return program().canonicalName();
  }

  /// The binary name of the class of the kernels for a tier.
  public String kernelsName(CpuTier tier) {
    return kernelsType(tier).canonicalName();
  }

  /// The typed entry to the model.
  ClassName facade() {
    return ClassName.get(packageName, model);
  }

  /// The program class, which the runtime calls.
  ClassName program() {
    return ClassName.get(packageName, model + "Program");
  }

  /// The interface of the kernels.
  ClassName kernelsType() {
    return ClassName.get(packageName, model + "Kernels");
  }

  /// The kernels for a tier.
  ClassName kernelsType(CpuTier tier) {
    String text = tier.text();
    String capital = text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    return ClassName.get(packageName, model + "Kernels" + capital);
  }
}
