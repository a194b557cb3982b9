"""What the JavaScript dicomweb-client gets in a real browser, beside what was stored."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from playwright.sync_api import Page, sync_playwright
from pydicom.encaps import generate_frames

from tests.agreement import javascript
from tests.dicom.oracle import bundled_files, pydicom_read
from tests.live import AUTHORIZATION, Server, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ENDINGS: Final = (".dcm", ".dic")
FILES: Final = [path for path in bundled_files() if path.suffix in ENDINGS and path.stat().st_size < 1 << 20]
# Everything that the client can ask for of one object; bytes come back in base64.
ASK: Final = """
async ({ authorization, file, numbers }) => {
  const client = new DICOMwebClient.api.DICOMwebClient({
    url: `${location.origin}/dicom-web`,
    headers: { Authorization: authorization },
    verbose: false,
    errorInterceptor: () => {},
  });
  const text = bytes => {
    let said = '';
    for (const byte of new Uint8Array(bytes)) said += String.fromCharCode(byte);
    return btoa(said);
  };
  const stored = JSON.parse(await client.storeInstances({
    datasets: [Uint8Array.from(atob(file), letter => letter.charCodeAt(0)).buffer],
  }).catch(error => '{}'));
  if (!stored['00081199']) return null;
  const [, studyInstanceUID, seriesInstanceUID, sopInstanceUID] =
    stored['00081199'].Value[0]['00081190'].Value[0].match(/studies\\/(.*)\\/series\\/(.*)\\/instances\\/(.*)/);
  const uids = { studyInstanceUID, seriesInstanceUID, sopInstanceUID };
  const [metadata] = await client.retrieveInstanceMetadata(uids);
  const [picture] = numbers ? await client.retrieveInstanceRendered(uids).catch(error => [null]) : [null];
  const stillThere = { ...uids, progressCallback: () => {} };
  return {
    uids,
    metadata,
    ofSeries: await client.retrieveSeriesMetadata(uids),
    studies: await client.searchForStudies({ queryParams: { StudyInstanceUID: studyInstanceUID } }),
    series: await client.searchForSeries({ ...uids, queryParams: { SeriesInstanceUID: seriesInstanceUID } }),
    instances: await client.searchForInstances({ ...uids, queryParams: { SOPInstanceUID: sopInstanceUID } }),
    instance: text(await client.retrieveInstance(stillThere)),
    ofStudy: (await client.retrieveStudy(stillThere)).length,
    frames: numbers && (await client.retrieveInstanceFrames({ ...uids, frameNumbers: numbers, mediaTypes:
      [{ mediaType: 'application/octet-stream', transferSyntaxUID: '*' }] })).map(text),
    bulk: await Promise.all(Object.values(metadata).filter(element => element.BulkDataURI).map(
      async element => (await client.retrieveBulkData(element)).length)),
    picture: picture && text(picture.slice(0, 3)),
  };
}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Site(tmp_path_factory.mktemp("javascript"), FOVEA_DUPLICATES="overwrite") as site, site.serving() as server:
        yield server


@pytest.fixture(scope="module")
def page(server: Server) -> Iterator[Page]:
    """A page of the server's own origin that has loaded the client."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or not javascript.DICOMWEB.script.exists():
        pytest.fail("Chromium or the JavaScript client is missing: run `make test`, which sets them up.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # The script is loaded into a page whose policy rightly refuses scripts of others.
        page = browser.new_page(bypass_csp=True)
        page.goto(f"http://127.0.0.1:{server.port}/healthz")
        page.add_script_tag(path=javascript.DICOMWEB.script)
        yield page
        browser.close()


def frames_of(data: bytes) -> list[bytes]:
    """The frames of encapsulated pixel data, as they are stored."""
    dataset = pydicom_read(data)
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if "PixelData" not in dataset or not syntax or not syntax.is_encapsulated:
        return []
    return list(generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1)))


def ask(page: Page, data: bytes, frames: list[bytes]) -> Any:
    told = {
        "authorization": AUTHORIZATION,
        "file": base64.b64encode(data).decode(),
        "numbers": [len(frames), 1] if frames else None,
    }
    return page.evaluate(ASK, told)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_the_client_gets_what_was_stored(page: Page, server: Server, file: Path) -> None:
    data = file.read_bytes()
    frames = frames_of(data)
    got = ask(page, data, frames)
    if got is None:
        pytest.skip("not an object that can be stored")
    uids = tuple(got["uids"].values())
    levels = zip(("0020000D", "0020000E", "00080018"), ("studies", "series", "instances"), uids, strict=True)
    assert all(got[level][0][tag]["Value"] == [uid] for tag, level, uid in levels)
    address = "/dicom-web/studies/{}/series/{}/instances/{}".format(*uids)
    assert [got["metadata"]] == orjson.loads(server.request("GET", f"{address}/metadata").body)
    assert got["metadata"] in got["ofSeries"]
    # The client names no transfer syntax, and so means Explicit VR Little Endian (PS3.18 8.7.3.5.2).
    assert base64.b64decode(got["instance"]) == server.request("GET", address, Accept="application/dicom").body
    assert got["ofStudy"] >= 1
    assert all(count >= 1 for count in got["bulk"])
    if frames:
        expected = [frames[-1].rstrip(b"\0"), frames[0].rstrip(b"\0")]
        assert [base64.b64decode(frame).rstrip(b"\0") for frame in got["frames"]] == expected
        assert got["picture"] in (None, base64.b64encode(b"\xff\xd8\xff").decode())
