"""A volume drawn with VTK, from several sides. Imported by the process that draws (`apps.analysis.apart`) alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from vtkmodules import vtkRenderingOpenGL2, vtkRenderingVolumeOpenGL2  # noqa: F401 - they draw for the others
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import (
    vtkColorTransferFunction,
    vtkRenderer,
    vtkRenderWindow,
    vtkVolume,
    vtkVolumeProperty,
    vtkWindowToImageFilter,
)
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper

from apps.volumes.derived.picturing.presets import Transfer
from apps.volumes.derived.picturing.views import View

Tell = Callable[[int, int], None]
BACKGROUND: Final = (0.0, 0.0, 0.0)
# Of the bounding box, so that nothing touches the edge.
MARGIN: Final = 1.04


def draw(asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Draw each view of the volume in `voxels` (a .npy file of int16 [k, j, i]) into `folder`, as 0.npy, 1.npy, …

    `size` is the pixels of a side, `spacing` the millimetres between voxels by k, j and i, `matrix` the sixteen numbers
    that bring millimetres along i, j and k into the patient, `opacity` and `colour` a Transfer in the voxels' numbers.
    """
    views = [View(*each) for each in asked["views"]]
    volume = _volume(np.load(asked["voxels"]), asked["spacing"], asked["matrix"])
    volume.SetProperty(_property(Transfer(asked["opacity"], asked["colour"]), min(asked["spacing"])))
    window, renderer = _window(int(asked["size"]))
    renderer.AddVolume(volume)
    for number, view in enumerate(views):
        tell(number, len(views))
        _look(renderer, view, volume.GetBounds())
        window.Render()
        np.save(Path(asked["folder"]) / f"{number}.npy", _picture(window))
    tell(len(views), len(views))
    return {}


def _volume(voxels: NDArray[np.int16], spacing: Sequence[float], matrix: Sequence[float]) -> vtkVolume:
    image = vtkImageData()
    image.SetDimensions(*voxels.shape[::-1])
    image.SetSpacing(*spacing[::-1])
    image.GetPointData().SetScalars(numpy_to_vtk(voxels.reshape(-1), deep=True))
    mapper = vtkFixedPointVolumeRayCastMapper()
    mapper.SetInputData(image)
    mapper.SetAutoAdjustSampleDistances(0)
    mapper.SetSampleDistance(min(spacing) / 2)
    volume = vtkVolume()
    volume.SetMapper(mapper)
    placed = vtkMatrix4x4()
    placed.DeepCopy(matrix)
    volume.SetUserMatrix(placed)
    return volume


def _property(transfer: Transfer, spacing: float) -> vtkVolumeProperty:
    """How it looks; opacities are those of a millimetre."""
    opacity, colour = vtkPiecewiseFunction(), vtkColorTransferFunction()
    for value, each in transfer.opacity:
        opacity.AddPoint(value, each)
    for value, red, green, blue in transfer.colour:
        colour.AddRGBPoint(value, red, green, blue)
    looks = vtkVolumeProperty()
    looks.SetScalarOpacity(opacity)
    looks.SetScalarOpacityUnitDistance(1.0)
    looks.SetColor(colour)
    looks.SetInterpolationTypeToLinear()
    looks.ShadeOn()
    looks.SetAmbient(0.2)
    looks.SetDiffuse(0.8)
    looks.SetSpecular(0.25)
    looks.SetSpecularPower(20)
    return looks


def _window(size: int) -> tuple[vtkRenderWindow, vtkRenderer]:
    window, renderer = vtkRenderWindow(), vtkRenderer()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(size, size)
    renderer.SetBackground(*BACKGROUND)
    window.AddRenderer(renderer)
    return window, renderer


def _look(renderer: vtkRenderer, view: View, bounds: Sequence[float]) -> None:
    """Without perspective, all of the bounding box in the picture, light from where the viewer is."""
    low, high = np.array(bounds[::2]), np.array(bounds[1::2])
    middle, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2
    camera = renderer.GetActiveCamera()
    camera.ParallelProjectionOn()
    camera.SetFocalPoint(*middle)
    camera.SetPosition(*(middle + 3 * radius * np.array(view.towards_viewer)))
    camera.SetViewUp(*view.up)
    camera.SetParallelScale(MARGIN * _reach(low, high, view))
    renderer.ResetCameraClippingRange()


def _reach(low: NDArray[np.float64], high: NDArray[np.float64], view: View) -> float:
    """How far the bounding box goes from the middle of the picture, upwards or sideways (mm)."""
    up = np.array(view.up)
    side = np.cross(up, view.towards_viewer)
    half = (high - low) / 2
    return float(max(np.abs(up) @ half, np.abs(side) @ half))


def _picture(window: vtkRenderWindow) -> NDArray[np.uint8]:
    """What the window shows (rows, columns, 3), from the top row on."""
    grab = vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.SetInputBufferTypeToRGB()
    grab.ReadFrontBufferOff()
    grab.Update()
    shown = grab.GetOutput()
    columns, rows, _ = shown.GetDimensions()
    picture: NDArray[np.uint8] = vtk_to_numpy(shown.GetPointData().GetScalars()).reshape(rows, columns, 3)[::-1]
    return np.ascontiguousarray(picture)
