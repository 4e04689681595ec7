package dev.sinter.codegen.jar;

import dev.sinter.codegen.java.SourceFile;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.classfile.attribute.ModulePackagesAttribute;
import java.lang.constant.ModuleDesc;
import java.lang.constant.PackageDesc;
import java.lang.reflect.AccessFlag;
import java.util.List;
import java.util.stream.Stream;

/// The module of a model's JAR: it exports the model's package, and needs the Vector API, so that
/// on the module path no flag is needed.
///
/// @param name of the module and of its package
/// @param standalone whether the runtime is inside, rather than a module of its own
public record ModuleDescriptor(String name, boolean standalone) {
  private static final String RUNTIME = "dev.sinter.runtime";
  private static final String VECTOR = "jdk.incubator.vector";
  private static final List<String> RUNTIME_PACKAGES = List.of(RUNTIME, RUNTIME + ".files");

  /// `module-info.class`.
  public byte[] bytes() {
    ModuleAttribute attribute =
        ModuleAttribute.of(
            ModuleDesc.of(name),
            module -> {
              module.requires(ModuleDesc.of("java.base"), List.of(AccessFlag.MANDATED), null);
              module.requires(ModuleDesc.of(VECTOR), List.of(), null);
              if (!standalone) {
                module.requires(ModuleDesc.of(RUNTIME), List.of(AccessFlag.TRANSITIVE), null);
              }
              exported().forEach(p -> module.exports(PackageDesc.of(p), List.of()));
            });
    return ClassFile.of()
        .buildModule(
            attribute,
            classBuilder ->
                classBuilder.with(
                    ModulePackagesAttribute.ofNames(exported().map(PackageDesc::of).toList())));
  }

  /// `module-info.java`, for the sources beside the JAR.
  public SourceFile source() {
    StringBuilder text = new StringBuilder("module ").append(name).append(" {\n");
    text.append("  requires ").append(VECTOR).append(";\n");
    text.append(standalone ? "" : "  requires transitive " + RUNTIME + ";\n").append('\n');
    exported().forEach(p -> text.append("  exports ").append(p).append(";\n"));
    return new SourceFile("module-info", text.append("}\n").toString());
  }

  private Stream<String> exported() {
    return Stream.concat(Stream.of(name), standalone ? RUNTIME_PACKAGES.stream() : Stream.empty());
  }
}
