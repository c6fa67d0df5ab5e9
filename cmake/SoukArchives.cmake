# souk_link_archives(NAMESPACE ...)
# The imported shared libraries of these namespaces are linked as the archives that lie beside
# them. A command crosses from one library to another hundreds of times, and such a call takes
# two jumps and, for what a thread keeps, a function call more than one within a program. See
# docs/adr/0018-libraries-are-linked-in.md.
function(souk_link_archives)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    string(REGEX REPLACE "::.*" "" namespace "${target}")
    get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
    if(NOT namespace IN_LIST ARGV OR NOT configurations)
      continue()
    endif()
    foreach(configuration IN LISTS configurations)
      get_target_property(library ${target} IMPORTED_LOCATION_${configuration})
      string(REGEX REPLACE "\\.so[.0-9]*$" ".a" archive "${library}")
      if(EXISTS "${archive}")
        set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_${configuration} "${archive}")
      endif()
    endforeach()
  endforeach()
endfunction()
