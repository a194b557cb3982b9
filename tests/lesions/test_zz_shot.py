import pytest
from django.urls import reverse
from apps.archive.models import Patient
from tests.lesions.studies import *
from tests.lesions.test_api import add, found
from tests.lesions.test_admin import staff
pytestmark = pytest.mark.django_db
@pytest.fixture(autouse=True)
def done_here(no_heartbeat): pass
def test_shot(practice, user, client):
    for n in range(4): imaged(practice, n, StudyDescription="CT chest abdomen")
    sizes=[(32,21,16),(24,15,11),(15,9,8),(22,12,9)]
    for n,(a,b,c) in enumerate(sizes):
        reported(practice,n,line(n,a,(20,20),tracking=1 if n==0 else 10*n+1,label="Segment VII"),line(n,b,(40,40),tracking=2 if n==0 else 10*n+2,label="Left lower lobe",site=LUNG),cross(n,c+8,c,(50,12),tracking=3 if n==0 else 10*n+3))
    ids=[add(client,0,measurement=measurement(0,k)).json()["id"] for k in (1,2,3)]
    bone=add(client,0,"non-target",state="present",organ="bone",name="Rib 7").json()["id"]
    for n in (1,2,3):
        for k,i in enumerate(ids,1): found(client,i,n,measurement=measurement(n,10*n+k))
        found(client,bone,n,state="present" if n<3 else "progressed")
    add(client,3,"new",state="present",organ="brain",name="Frontal")
    page=staff(user).get(reverse("admin:lesions_lesion_patient",args=[Patient.objects.get().pk])).content.decode()
    open("/tmp/lesions_shot/page.html","w").write(page.replace('"/static/','"file:///work/main/static-root/'))
    page=staff(user).get(reverse("admin:archive_patient_change",args=[Patient.objects.get().pk])).content.decode()
    open("/tmp/lesions_shot/patient.html","w").write(page.replace('"/static/','"file:///work/main/static-root/'))
